import { aPool } from '../fakes/meteora/universe.ts'

const DAY_MS = 24 * 3_600_000

/** A handful of pools that earn differently well. */
export function somePools(nowMs: number): ReturnType<typeof aPool>[] {
  return [0.001, 0.002, 0.004, 0.0005].map((feesPerDay, index) =>
    aPool({ number: index + 1, tvl: 200_000, feesPerDay, createdAtMs: nowMs - 30 * DAY_MS, change: {} }),
  )
}
