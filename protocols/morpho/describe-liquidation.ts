import type { ChainReader } from '../../src/chain/chain-reader.ts'
import { tokenAmount } from '../../src/domain/token-amount.ts'
import type { LiquidatedEvent, LiquidationTold } from '../strategy.ts'
import type { Markets } from './markets.ts'

/** A market has one token of each side. */
export async function describeLiquidation(
  { key, repaid, seized }: LiquidatedEvent,
  { markets, at }: { markets: Markets; at: ChainReader },
): Promise<LiquidationTold> {
  const [, id = ''] = key.split(':')
  const market = (await markets([id], at)).get(id)
  return {
    marketName: market?.name ?? null,
    repaid: tokenAmount(repaid?.amountRaw ?? null, market?.loan),
    seized: tokenAmount(seized?.amountRaw ?? null, market?.collateral),
  }
}
