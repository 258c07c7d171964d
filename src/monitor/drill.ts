import type { DrillStart, NewDrill } from '../../db/drills.ts'
import type { Address } from '../domain/address.ts'
import { type DrillReport, drillOwner } from '../domain/drill.ts'
import type { ProtocolId } from '../domain/position.ts'
import { createLoop, type Loop } from './loop.ts'

/** Exercises: a shadow loan that falls and recovers, told by everything that tells of real ones. */
export interface Drills {
  start(chatId: number, threadId: number | null): Promise<DrillStart>
  /** How the last exercise went, also after its end; `null` when there was none. */
  report(chatId: number): Promise<DrillReport | null>
  end(chatId: number): Promise<void>
  /** Ends the exercises that nobody ended. */
  readonly loop: Loop
}

export interface DrillsDeps {
  readonly store: {
    start(drill: NewDrill): Promise<DrillStart>
    report(chatId: number): Promise<DrillReport | null>
    end(which: { chatId: number; nowMs: number }): Promise<void>
    endOld(nowMs: number): Promise<unknown>
  }
  /** What the shadows pretend to be loans of. */
  readonly protocol: ProtocolId
  /** Reads the shadow at once, so that the exercise begins with a loan that is well. */
  readonly readNow: (work: { protocol: ProtocolId; owners: readonly Address[] }) => Promise<unknown>
  readonly now: () => number
  readonly onError: (error: unknown) => void
}

const CLEAN_UP_MS = 15_000
const ROUND_TIMEOUT_MS = 90_000

export function createDrills({ store, protocol, readNow, now, onError }: DrillsDeps): Drills {
  let reading: Promise<unknown> = Promise.resolve()
  const loop = createLoop({
    round: async () => {
      await store.endOld(now())
    },
    pauseMs: CLEAN_UP_MS,
    timeoutMs: ROUND_TIMEOUT_MS,
    onError,
  })
  return {
    async start(chatId, threadId) {
      const started = await store.start({ chatId, threadId, protocol, nowMs: now() })
      // The person is answered now; the shadow is read meanwhile.
      if (started === 'started') {
        reading = readNow({ protocol, owners: [drillOwner(chatId)] }).catch(onError)
      }
      return started
    },
    report: (chatId) => store.report(chatId),
    end: (chatId) => store.end({ chatId, nowMs: now() }),
    loop: {
      ...loop,
      async stop() {
        await loop.stop()
        await reading
      },
    },
  }
}
