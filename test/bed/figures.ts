import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
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
  /** How late the event loop was since the last question, without the collection itself. */
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

const RESOLUTION_MS = 10
const NS_PER_MS = 1e6

/** Answers with the figures of this process; what an idle loop's timer is late anyway, its own pause, is taken off. */
export function createFigures(): () => ProcessFigures {
  let delay: IntervalHistogram | undefined
  let collect: (() => void) | undefined

  function late(ns: number): number {
    return Math.max(0, Math.round((ns / NS_PER_MS - RESOLUTION_MS) * 10) / 10)
  }

  return () => {
    delay ??= monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    if (!collect) {
      setFlagsFromString('--expose-gc')
      collect = runInNewContext('gc') as () => void
    }
    delay.disable()
    const { max } = delay
    const loopDelayMs = { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(max) }
    collect()
    delay.reset()
    delay.enable()
    const { heapUsed, external } = process.memoryUsage()
    const resources: Record<string, number> = {}
    for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
    return { heapBytes: heapUsed, externalBytes: external, resources, loopDelayMs }
  }
}
