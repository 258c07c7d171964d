import { afterAll, afterEach, beforeAll } from 'vitest'
import { createMeteora, type Meteora } from '../../protocols/meteora/index.ts'
import type { PoolSnapshot, Suspect } from '../../protocols/strategy.ts'
import { type Api, createApi } from '../../src/chain/api.ts'
import { createFakeMeteora, type FakeMeteora } from '../fakes/meteora/index.ts'
import { aPool, type FakePool } from '../fakes/meteora/universe.ts'

export const NOW_MS = 1_800_000_000_000
const DAY_MS = 86_400_000

export interface MeteoraInUse {
  readonly fake: FakeMeteora
  /** A new one; `at` is its clock. */
  open(options?: { leastTvlUsd?: number; at?: () => number }): Meteora
}

/** The double and what reads it, for the tests of one `describe`. */
export function useMeteora(): MeteoraInUse {
  let fake: FakeMeteora | undefined
  let apis: Api[] = []
  beforeAll(async () => {
    fake = await createFakeMeteora()
  })
  afterEach(async () => {
    for (const api of apis) await api.stop()
    apis = []
    fake?.set({ kind: 'ok' })
    fake?.serve([])
    fake?.clearRequests()
  })
  afterAll(async () => {
    await fake?.stop()
  })
  const running = (): FakeMeteora => {
    if (!fake) throw new Error('The double only runs while tests run')
    return fake
  }
  return {
    get fake() {
      return running()
    },
    open({ leastTvlUsd = 1_000, at = () => NOW_MS } = {}) {
      const api = createApi({
        url: running().url,
        requestsPerSecond: 1_000,
        timeoutMs: 2_000,
        maxBytes: 8_000_000,
        now: () => Date.now(),
        random: Math.random,
        name: "Meteora's API",
      })
      apis.push(api)
      return createMeteora({ url: running().url, api, leastTvlUsd: () => leastTvlUsd, now: at })
    },
  }
}

/** Pools of 10,000 dollars, each a minute younger than the one before. */
export function somePools(count: number, change: Partial<FakePool> = {}): FakePool[] {
  return Array.from({ length: count }, (_, index) =>
    aPool({
      number: index + 1,
      tvl: 10_000,
      feesPerDay: 0.01,
      createdAtMs: NOW_MS - 30 * DAY_MS + index * 60_000,
      change,
    }),
  )
}

export async function refreshed({ pools }: Meteora): Promise<PoolSnapshot | Suspect> {
  return await pools.refresh(new AbortController().signal)
}

export async function snapshotOf(meteora: Meteora): Promise<PoolSnapshot> {
  const answer = await refreshed(meteora)
  if (answer.kind !== 'snapshot') throw new Error(answer.reason)
  return answer
}
