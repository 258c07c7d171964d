import Bottleneck from 'bottleneck'
import { EndpointError } from '../errors.ts'

/** Lower numbers go first. A person waiting comes before the loop, the loop before background search. */
export const PRIORITY = { verify: 0, command: 2, cycle: 5, discovery: 8 } as const
export type Priority = keyof typeof PRIORITY

export interface LimiterOptions {
  readonly requestsPerSecond: number
  readonly maxConcurrent: number
}

export interface Limiter {
  run<T>(priority: Priority, job: () => Promise<T>): Promise<T>
  /** Requests waiting for their turn. */
  queued(): number
  stop(): Promise<void>
}

/** Evenly spaced requests to one upstream: Bottleneck, in-process, one per endpoint or API. */
export function createLimiter({ requestsPerSecond, maxConcurrent }: LimiterOptions): Limiter {
  const bottleneck = new Bottleneck({ minTime: Math.ceil(1000 / requestsPerSecond), maxConcurrent })
  let stopped: Promise<void> | undefined
  return {
    async run(priority, job) {
      try {
        return await bottleneck.schedule({ priority: PRIORITY[priority] }, job)
      } catch (error) {
        if (error instanceof Bottleneck.BottleneckError)
          throw new EndpointError('unreachable', { message: 'stopping' })
        throw error
      }
    },
    queued: () => bottleneck.counts().QUEUED,
    stop() {
      stopped ??= bottleneck.stop({ dropWaitingJobs: true })
      return stopped
    },
  }
}
