import type { Address } from '../../src/domain/address.ts'
import { type Supplies, type Supply, usdOf } from '../../src/domain/pools/lending.ts'
import { suppliedAssets } from './math.ts'
import type { AccruedMarket } from './rates.ts'
import { readSupplyShares } from './shares.ts'
import { apiRequest, idOf, readAccrued, type YieldsContext } from './yields.ts'

/** Storage slots that one search may read. */
const MAX_SLOTS = 50_000

/**
 * What the owners lent to markets themselves, looked up in every known market. Deposits in vaults, which lend on, are the vault's own
 * supply and not found here.
 */
export async function readSupplies(owners: readonly Address[], context: YieldsContext): Promise<Supplies[]> {
  const { list, markets, at } = context
  const request = apiRequest(at)
  const [known, shown] = await Promise.all([list.known(request), context.shown(request)])
  const ids = known.ids
  const room = ids.length === 0 ? owners.length : Math.floor(MAX_SLOTS / ids.length)
  const asked = owners.slice(0, room)
  const places = asked.flatMap((owner) => ids.map((marketId) => ({ owner, marketId })))
  const shares = await readSupplyShares(places, context)
  const used = [...new Set(places.flatMap(({ marketId }, index) => (shares[index] ? [marketId] : [])))]
  const accrued = await readAccrued([...(await markets(used, at)).values()], context)
  return owners.map((owner, index) => {
    if (index >= room) {
      return { kind: 'partial', supplies: [], reason: 'that are too many wallets to look up at once' }
    }
    const mine = shares.slice(index * ids.length, (index + 1) * ids.length)
    const supplies: Supply[] = []
    let unread = false
    for (const [offset, id] of ids.entries()) {
      const supplyShares = mine[offset] ?? null
      if (supplyShares === 0n) continue
      const supply = supplyOf({
        owner,
        supplyShares,
        accrued: accrued.get(id),
        priceUsd: shown?.get(id) ?? null,
      })
      if (supply) supplies.push(supply)
      else unread = true
    }
    const reason = unread
      ? 'some markets could not be read'
      : known.gaps && `${known.gaps}; I looked in ${ids.length} known market(s)`
    return reason === null ? { kind: 'complete', supplies } : { kind: 'partial', supplies, reason }
  })
}

function supplyOf(found: {
  owner: Address
  supplyShares: bigint | null
  accrued: AccruedMarket | undefined
  priceUsd: number | null
}): Supply | null {
  const { owner, supplyShares, accrued, priceUsd } = found
  if (supplyShares === null || !accrued?.market.loan) return null
  const { market, words } = accrued
  const [totalSupplyAssets = 0n, totalSupplyShares = 0n] = words
  const amountRaw = suppliedAssets(supplyShares, { totalSupplyAssets, totalSupplyShares })
  const asset = accrued.market.loan
  return {
    owner,
    opportunityId: idOf(market),
    market: market.id,
    marketName: market.name,
    asset,
    amountRaw,
    valueUsd: usdOf({ amountRaw, asset, priceUsd }),
  }
}
