import type { Address } from '../../../../src/domain/address.ts'
import { type LendingOpportunity, lendingRow, type Supply } from '../../../../src/domain/pools/lending.ts'
import type { Opportunity } from '../../../../src/domain/pools/opportunity.ts'

const USDC: Address = '0x00000000000000000000000000000000000000aa'

/** A place to lend dollars to. */
export function lendAt(place: {
  id: string
  rate: number
  token?: Address
  trust?: Opportunity['trust']
}): LendingOpportunity {
  const row = lendingRow({
    source: 'euler',
    market: place.id,
    id: place.id,
    name: `USDC · ${place.id}`,
    asset: { address: place.token ?? USDC, symbol: 'USDC', decimals: 6 },
    rateWad: 0n,
    utilisationWad: 8n * 10n ** 17n,
    suppliedRaw: 1_000_000_000_000n,
    liquidityRaw: 200_000_000_000n,
    open: true,
    priceUsd: 1,
    verified: true,
    trust: place.trust ?? 'high',
    link: 'https://app.example/vault',
    seenAtMs: 1_000,
  })
  if (!row) throw new Error('not a market')
  return { ...row, yieldPerYear: { base: place.rate, reward: 0, fee: 0, total: place.rate } }
}

/** What somebody has there. */
export function supplyIn({ id, name, lending }: LendingOpportunity, valueUsd: number | null): Supply {
  return {
    owner: '0x00000000000000000000000000000000000000cc',
    opportunityId: id,
    market: lending.market,
    marketName: name,
    asset: lending.asset,
    amountRaw: BigInt(Math.round((valueUsd ?? 1) * 1e6)),
    valueUsd,
  }
}
