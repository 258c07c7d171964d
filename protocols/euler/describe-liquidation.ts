import type { ChainReader } from '../../src/chain/chain-reader.ts'
import { tokenAmount } from '../../src/domain/token-amount.ts'
import type { LiquidatedEvent, LiquidationTold } from '../strategy.ts'
import { placeOf, positionRef } from './accounts.ts'
import type { Vaults } from './vaults.ts'

/** The debt is in what its vault lends. What was taken is told as shares of some vault, which say nothing to a person. */
export async function describeLiquidation(
  { key, owner, repaid }: LiquidatedEvent,
  { vaults, at }: { vaults: Vaults; at: ChainReader },
): Promise<LiquidationTold> {
  const [, market = ''] = key.split(':')
  const place = placeOf({ owner, market })
  const vault = place && (await vaults([place.controller], at)).get(place.controller)
  if (!vault) return { marketName: null, repaid: null, seized: null }
  return {
    marketName: positionRef({ owner, accountId: place.accountId }, vault).marketName,
    repaid: tokenAmount(repaid?.amountRaw ?? null, vault.assetToken),
    seized: null,
  }
}
