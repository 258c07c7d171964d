import { setMaxListeners } from 'node:events'
import Bottleneck from 'bottleneck'
import { EndpointError } from '../errors.ts'

/** Lower numbers go first. A person waiting comes before the loop, the loop before background search. */
export const PRIORITY = { verify: 0, command: 2, cycle: 5, discovery: 8 } as const
export type Priority = keyof typeof PRIORITY

/** How full the queue may be for work to be let in: a long queue keeps its room for what is urgent. */
const ROOM: Record<Priority, number> = {
  verify: Number.POSITIVE_INFINITY,
  command: 1,
  cycle: 0.8,
  discovery: 0.5,
}
const DEFAULT_MAX_QUEUED = 1_000
const CLOCK_SET_BACK_MS = 1_000
/** Upstreams that answer within this are equally good, and their budgets are worth more than their speed. */
const SWIFT_MS = 500

export interface LimiterOptions {
  readonly requestsPerSecond: number
  readonly maxConcurrent: number
  /** Most slots that may wait. Default 1,000. */
  readonly maxQueued?: number
}

export interface Turn {
  readonly priority: Priority
  /** Slots that the job takes: a JSON-RPC batch of n counts as n requests. Default 1. */
  readonly weight?: number
  /** Fires when nobody waits any more: a job that has not begun then never does, and costs no slot. */
  readonly signal?: AbortSignal | undefined
}

export interface Limiter {
  /**
   * Runs the job when its turn comes. Throws EndpointError: `busy` when too much waits already for its priority, `unreachable`
   * when it was given up or the limiter stopped; and whatever the job throws.
   */
  run<T>(turn: Turn, job: () => Promise<T>): Promise<T>
  /** Slots that wait for their turn. */
  queued(): number
  /**
   * About how long a new request would wait for its answer to come: the smaller, the more free budget. An upstream that answers
   * slowly is the worse by that. `expected`: so many requests are known to come or to be here already.
   */
  waitMs(expected?: number): number
  stop(): Promise<void>
}

/**
 * Evenly spaced requests to one upstream: Bottleneck, in-process, one per endpoint or API. Bottleneck keeps the priorities and the
 * concurrency; a slot is given back by a timer of ours, since its own spacing cannot take back the slot of a job given up.
 */
export function createLimiter(options: LimiterOptions): Limiter {
  const { requestsPerSecond, maxConcurrent, maxQueued = DEFAULT_MAX_QUEUED } = options
  const spacingMs = 1000 / requestsPerSecond
  const giveUps = new Set<(error: EndpointError) => void>()
  let bottleneck = new Bottleneck({ maxConcurrent, reservoir: 1 })
  let wallOffsetMs = Date.now() - performance.now()
  let timer: NodeJS.Timeout | undefined
  let dueAtMs = 0
  let waiting = 0
  let running = 0
  let meanMs = 0
  let stopped: Promise<void> | undefined

  function refill(): void {
    void bottleneck.incrementReservoir(1)
  }

  function spend(): void {
    // Counted from the real start, so that no second ever sees more than the rate, at the price of a little under it.
    dueAtMs = performance.now() + spacingMs
    if (!stopped) timer = setTimeout(refill, spacingMs)
  }

  /** Bottleneck goes by the wall clock: set back by an hour, it would hold every job for an hour. */
  function watchClock(): void {
    const offsetMs = Date.now() - performance.now()
    if (offsetMs < wallOffsetMs - CLOCK_SET_BACK_MS) {
      clearTimeout(timer)
      bottleneck = new Bottleneck({ maxConcurrent, reservoir: 1 })
      for (const giveUp of giveUps) giveUp(new EndpointError('busy', { message: 'the clock was set back' }))
    }
    wallOffsetMs = offsetMs
  }

  async function perform<T>(job: () => Promise<T>): Promise<T> {
    const startedAtMs = performance.now()
    running += 1
    try {
      return await job()
    } finally {
      running -= 1
      const tookMs = performance.now() - startedAtMs
      meanMs = meanMs === 0 ? tookMs : meanMs * 0.8 + tookMs * 0.2
    }
  }

  return {
    async run<T>({ priority, weight = 1, signal }: Turn, job: () => Promise<T>): Promise<T> {
      if (stopped) throw new EndpointError('unreachable', { message: 'stopping' })
      if (signal?.aborted) throw new EndpointError('unreachable', { message: 'given up' })
      // One signal ends many requests; that is no leak.
      if (signal) setMaxListeners(0, signal)
      watchClock()
      if (waiting + weight > maxQueued * ROOM[priority]) {
        throw new EndpointError('busy', { message: `too much waits already (${waiting})` })
      }
      const own = bottleneck
      let left = weight
      let givenUp = false
      waiting += weight
      const leave = (slots: number): void => {
        waiting -= Math.min(slots, left)
        left -= Math.min(slots, left)
      }
      /** Takes one slot; a job given up hands it on at once. */
      const take = (): boolean => {
        leave(1)
        if (givenUp) void own.incrementReservoir(1)
        else spend()
        return !givenUp
      }
      let giveUp: (error: EndpointError) => void = () => undefined
      const abandoned = new Promise<never>((_, reject) => {
        giveUp = (error) => {
          // What has begun is ended by its own signal.
          if (left === 0) return
          givenUp = true
          leave(left)
          reject(error)
        }
      })
      const abort = (): void => {
        giveUp(new EndpointError('unreachable', { message: 'given up' }))
      }
      giveUps.add(giveUp)
      signal?.addEventListener('abort', abort)
      try {
        const settings = { priority: PRIORITY[priority] }
        const slots = Array.from({ length: weight - 1 }, () =>
          own.schedule(settings, () => Promise.resolve(take())),
        )
        const work = own.schedule(settings, async () => (take() ? await perform(job) : abandoned))
        const [result] = await Promise.race([Promise.all([work, ...slots]), abandoned])
        return result
      } catch (error) {
        if (error instanceof Bottleneck.BottleneckError)
          throw new EndpointError('unreachable', { message: 'stopping' })
        throw error
      } finally {
        leave(left)
        giveUps.delete(giveUp)
        signal?.removeEventListener('abort', abort)
      }
    },
    queued: () => waiting,
    waitMs(expected = 0) {
      const perRequestMs = Math.max(spacingMs, meanMs / maxConcurrent)
      const ahead = Math.max(waiting + running, expected)
      const answerMs = meanMs > SWIFT_MS ? meanMs : 0
      return Math.max(0, dueAtMs - performance.now()) + ahead * perRequestMs + answerMs
    },
    stop() {
      if (!stopped) {
        clearTimeout(timer)
        stopped = bottleneck.stop({ dropWaitingJobs: true })
      }
      return stopped
    },
  }
}
