import type { LpPosition, LpPositions } from '../../src/domain/pools/position.ts'
import { ApiError } from '../../src/errors.ts'
import type { ApiRequest, MeteoraApi } from './api.ts'
import { portfolioPool, positionRow } from './rows.ts'

/** Pages of a wallet's pools, and pools of it whose bins are asked for: no wallet may cost more. */
const MOST_PAGES = 4
const MOST_POOLS = 20

/**
 * Where the positions of a Solana wallet stand. What cannot be read is there with unknown bins, never left out and never "in
 * range". Throws ApiError when the list of pools itself cannot be had.
 */
export async function readPositions(
  { api, wallet }: { api: MeteoraApi; wallet: string },
  request: ApiRequest,
): Promise<LpPositions> {
  const pools = []
  let gaps: string | null = null
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await api.portfolio({ wallet, page }, request)
    for (const item of answer.pools) {
      const pool = portfolioPool.safeParse(item)
      if (pool.success) pools.push(pool.data)
      else gaps = 'some pools of this wallet could not be read'
    }
    if (!answer.hasNext || answer.pools.length === 0) break
    if (page === MOST_PAGES) gaps = 'this wallet is in more pools than are read'
  }
  const positions: LpPosition[] = []
  for (const [index, pool] of pools.entries()) {
    const bins =
      index < MOST_POOLS
        ? await binsIn({ api, wallet, pool: pool.poolAddress }, request)
        : new Map<string, LpPosition['bins']>()
    for (const address of pool.listPositions) {
      positions.push({
        position: address,
        pool: pool.poolAddress,
        name: `${pool.tokenX}-${pool.tokenY}`,
        bins: bins.get(address) ?? {
          lower: 0,
          upper: 0,
          active: null,
          // The list of those outside says nothing where the pool's own mark says that it is not known.
          outOfRange: pool.outOfRange == null ? null : (pool.positionsOutOfRange?.includes(address) ?? null),
        },
        poolValueUsd: pool.balances ?? null,
        poolUnclaimedUsd: pool.unclaimedFees ?? null,
        link: `https://app.meteora.ag/dlmm/${pool.poolAddress}`,
      })
    }
  }
  return { positions, gaps }
}

async function binsIn(
  { api, wallet, pool }: { api: MeteoraApi; wallet: string; pool: string },
  request: ApiRequest,
): Promise<Map<string, LpPosition['bins']>> {
  try {
    const { positions } = await api.positions({ wallet, pool }, request)
    return new Map(
      positions.flatMap((item) => {
        const row = positionRow.safeParse(item)
        if (!row.success) return []
        const { positionAddress, lowerBinId, upperBinId, poolActiveBinId, isOutOfRange } = row.data
        const bins = {
          lower: lowerBinId,
          upper: upperBinId,
          active: poolActiveBinId ?? null,
          outOfRange: isOutOfRange ?? null,
        }
        return [[positionAddress, bins] as const]
      }),
    )
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return new Map()
  }
}
