import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface Measured {
  /** Of this process, user and system. */
  readonly cpuMs: number
  readonly wallMs: number
  /** The longest that the event loop was held up. */
  readonly pauseMs: number
}

/** Takes the event loop's turn this often. */
const RESOLUTION_MS = 1

export async function measure(work: () => Promise<void>): Promise<Measured> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  // The first turns of the monitor itself are no pause of the work.
  await new Promise((resolve) => setTimeout(resolve, 20))
  delay.reset()
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  await work()
  const wallMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  // A pause at the very end is only seen in the turn after it.
  await new Promise((resolve) => setTimeout(resolve, 5))
  delay.disable()
  return { cpuMs: (user + system) / 1000, wallMs, pauseMs: delay.max / 1e6 }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** The middle of several runs, each figure by itself. */
export async function medianOf(runs: number, work: () => Promise<void>): Promise<Measured> {
  const all: Measured[] = []
  for (let run = 0; run < runs; run += 1) all.push(await measure(work))
  return {
    cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
    wallMs: median(all.map(({ wallMs }) => wallMs)),
    pauseMs: median(all.map(({ pauseMs }) => pauseMs)),
  }
}
