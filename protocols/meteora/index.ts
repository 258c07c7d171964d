import type { Api } from '../../src/chain/api.ts'
import type { Priority } from '../../src/chain/limiter.ts'
import type { LpPositions } from '../../src/domain/pools/position.ts'
import type { PoolSource } from '../strategy.ts'
import { createMeteoraApi } from './api.ts'
import { createMeteoraPools } from './pools.ts'
import { readPositions } from './positions.ts'

export interface MeteoraDeps {
  /** Without a slash at its end. */
  readonly url: string
  readonly api: Api
  /** The lowest TVL that any chat wants to hear of, in dollars. */
  readonly leastTvlUsd: () => number
  readonly now: () => number
}

export interface Meteora {
  readonly pools: PoolSource
  /** Where the positions of a Solana wallet stand. Throws ApiError when that cannot be had at all. */
  positions(
    wallet: string,
    request: { priority: Priority; signal?: AbortSignal | undefined },
  ): Promise<LpPositions>
}

export function createMeteora({ url, api, leastTvlUsd, now }: MeteoraDeps): Meteora {
  const meteora = createMeteoraApi({ url, api })
  return {
    pools: createMeteoraPools({ api: meteora, leastTvlUsd, now }),
    positions: (wallet, request) => readPositions({ api: meteora, wallet }, request),
  }
}
