import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Tokens } from '../../src/chain/tokens.ts'
import { tokenAmount } from '../../src/domain/token-amount.ts'
import type { EventAmount, LiquidatedEvent, LiquidationTold } from '../strategy.ts'
import type { Markets } from './markets.ts'

/** The event names both tokens. */
export async function describeLiquidation(
  { key, owner, repaid, seized }: LiquidatedEvent,
  deps: { markets: Markets; tokens: Tokens; at: ChainReader },
): Promise<LiquidationTold> {
  const market = deps.markets.list.find(({ id }) => key === `neverland:${id}:${owner}`)
  const addresses = [repaid, seized].flatMap((amount) => amount?.token ?? [])
  const tokens = await deps.tokens(addresses, deps.at)
  const told = (amount: EventAmount | null) =>
    tokenAmount(amount?.amountRaw ?? null, tokens.get(amount?.token ?? ''))
  return { marketName: market?.name ?? null, repaid: told(repaid), seized: told(seized) }
}
