const STEPS = [1, 2, 2.5, 5, 10]
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const TIME_STEPS_MS = [1, 2, 3, 6, 12]
  .map((hours) => hours * HOUR_MS)
  .concat([1, 2, 3, 7, 14, 30, 60, 90, 180, 365].map((days) => days * DAY_MS))
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export interface Axis {
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
}

/** Round numbers around the values, about `count` steps; from 0 when that costs little. */
export function valueAxis(values: readonly number[], count: number): Axis {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const base = low >= 0 && low < high * 0.5 ? 0 : low
  // A line that does not move still needs some room around it.
  const span = Math.max(high - base, Math.abs(high) * 0.1, 0.001)
  const spare = base === 0 ? 0 : (span - (high - base)) / 2
  const step = niceStep(span / count)
  const first = Math.floor((base - spare) / step + 1e-9)
  const last = Math.max(Math.ceil((high + spare) / step - 1e-9), first + 2)
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
  return { from: first * step, to: last * step, ticks }
}

/** Moments at round hours or days in UTC, at most `count`. */
export function timeTicks({ from, to }: { from: number; to: number }, count: number): readonly number[] {
  const step = TIME_STEPS_MS.find((one) => (to - from) / one <= count) ?? (to - from) / count
  const first = Math.ceil(from / step) * step
  const ticks: number[] = []
  for (let at = first; at <= to && ticks.length <= count; at += step) ticks.push(at)
  return ticks
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return (STEPS.find((step) => step * power >= least) ?? 10) * power
}

/** `28 Nov`, or `14:00` where ticks are less than a day apart; UTC. */
export function tickLabel(atMs: number, ticks: readonly number[]): string {
  const [first = 0, second = DAY_MS] = ticks
  const date = new Date(atMs)
  if (second - first < DAY_MS && atMs % DAY_MS !== 0) return date.toISOString().slice(11, 16)
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ''}`
}

/** `28 Nov 2026, 14:05 UTC` */
export function momentLabel(atMs: number): string {
  const date = new Date(atMs)
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ''} ${date.getUTCFullYear()}`
  return `${day}, ${date.toISOString().slice(11, 16)} UTC`
}
