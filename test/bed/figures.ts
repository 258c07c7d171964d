import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What a process knows about itself, from inside. */
export interface ProcessFigures {
  /** In use right after a full collection. */
  readonly heapBytes: number
  /** Buffers outside the heap. */
  readonly externalBytes: number
  /** What keeps the process alive: sockets, timers, requests. By kind. */
  readonly resources: Readonly<Record<string, number>>
  /** How late the event loop was since the last question, by the clock. */
  readonly lateMs: Spread
  /** As `lateMs`, but no more than the process computed meanwhile: without what other programs of the machine took. */
  readonly busyMs: Spread
}

export interface Spread {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const TICK_MS = 10
const US_PER_MS = 1_000

/** Answers with the figures of this process since the last question; the first question starts the watch on the event loop. */
export function createFigures(): () => ProcessFigures {
  let late: number[] = []
  let busy: number[] = []
  let last = look()
  let collect: (() => void) | undefined

  function tick(): void {
    const now = look()
    const lateMs = Math.max(0, now.atMs - last.atMs - TICK_MS)
    late.push(lateMs)
    busy.push(Math.min(lateMs, now.cpuMs - last.cpuMs))
    last = now
  }

  return () => {
    if (!collect) {
      setFlagsFromString('--expose-gc')
      collect = runInNewContext('gc') as () => void
      setInterval(tick, TICK_MS).unref()
    }
    const [lateMs, busyMs] = [spread(late), spread(busy)]
    collect()
    // What the collection itself takes does not count.
    late = []
    busy = []
    last = look()
    const { heapUsed, external } = process.memoryUsage()
    const resources: Record<string, number> = {}
    for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
    return { heapBytes: heapUsed, externalBytes: external, resources, lateMs, busyMs }
  }
}

function look(): { atMs: number; cpuMs: number } {
  const { user, system } = process.cpuUsage()
  return { atMs: performance.now(), cpuMs: (user + system) / US_PER_MS }
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number =>
    Math.round((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) * 10) / 10
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}
