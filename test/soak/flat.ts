import type { Sample } from './sample.ts'

const MEGABYTE = 2 ** 20

/** How far a figure may be above what it was after the warm-up: a share of it, or so much, whichever is more. */
interface Limit {
  readonly name: string
  readonly of: (sample: Sample) => number
  readonly share: number
  readonly more: number
  readonly unit: 'MB' | 'ms' | ''
  /** What is compared of a quarter, 0 to 1; the median when absent. */
  readonly at?: number
}

/** Memory, sockets and timers come and go with the faults; what is never given back is there in quiet moments too. */
const QUIET = 0.25

/** Of alerts there are as many as the last 35 days brought; that none is older is counted by itself. */
const rowsButAlerts = ({ rows }: Sample): number =>
  Object.values(rows).reduce((sum, count) => sum + count, 0) - (rows['outbox'] ?? 0)

const LIMITS: readonly Limit[] = [
  { name: 'resident memory', of: ({ rss }) => rss, share: 0.15, more: 20 * MEGABYTE, unit: 'MB', at: QUIET },
  { name: 'heap', of: ({ heap }) => heap, share: 0.15, more: 10 * MEGABYTE, unit: 'MB' },
  { name: 'buffers', of: ({ external }) => external, share: 0.15, more: 10 * MEGABYTE, unit: 'MB' },
  { name: 'handles', of: ({ handles }) => handles, share: 0, more: 10, unit: '', at: QUIET },
  { name: 'open files', of: ({ files }) => files, share: 0, more: 10, unit: '', at: QUIET },
  { name: 'database', of: ({ database }) => database, share: 0.25, more: 2 * MEGABYTE, unit: 'MB' },
  { name: 'rows but alerts', of: rowsButAlerts, share: 0.25, more: 100, unit: '' },
  { name: 'loop late, median', of: ({ late }) => late.p50, share: 0.5, more: 10, unit: 'ms' },
  { name: 'loop late, p99', of: ({ late }) => late.p99, share: 1, more: 50, unit: 'ms' },
  { name: 'loop busy, p99', of: ({ busy }) => busy.p99, share: 0.5, more: 10, unit: 'ms' },
]

/** One figure, what it was in the first and the last quarter after the warm-up, and how much the last may be. */
export interface Finding {
  readonly name: string
  readonly first: number
  readonly last: number
  readonly most: number
  readonly unit: Limit['unit']
  readonly flat: boolean
}

const MEDIAN = 0.5
/** What counts as warm-up. */
const WARM_UP_SHARE = 1 / 3
/** So long the product may hold up its own loop, in 95 of 100 samples. */
const MAX_BUSY_MS = 250
const BUSY_PERCENTILE = 0.95

/** Compares the last quarter of the time after the warm-up with its first. Sizes come in megabytes. */
export function judge(samples: readonly Sample[]): Finding[] {
  const after = samples.slice(Math.ceil(samples.length * WARM_UP_SHARE))
  const quarter = Math.max(1, Math.floor(after.length / 4))
  const compared = LIMITS.map(({ name, of, share, more, unit, at = MEDIAN }) => {
    const scale = unit === 'MB' ? MEGABYTE : 1
    const first = percentile(after.slice(0, quarter).map(of), at) / scale
    const last = percentile(after.slice(-quarter).map(of), at) / scale
    const most = first + Math.max(first * share, more / scale)
    return { name, first, last, most, unit, flat: last <= most }
  })
  const overdue = [after.slice(0, quarter), after.slice(-quarter)].map((part) =>
    percentile(
      part.map(({ overdue }) => overdue),
      MEDIAN,
    ),
  )
  const held = percentile(
    after.map(({ busy }) => busy.max),
    BUSY_PERCENTILE,
  )
  const [first = 0, last = 0] = overdue
  return [
    ...compared,
    { name: 'alerts not forgotten', first, last, most: 0, unit: '', flat: last <= 0 },
    {
      name: 'loop busy, longest',
      first: held,
      last: held,
      most: MAX_BUSY_MS,
      unit: 'ms',
      flat: held <= MAX_BUSY_MS,
    },
  ]
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
