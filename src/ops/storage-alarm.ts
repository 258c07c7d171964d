/** Watches whether the database takes what is written, and tells the operator past the outbox, which is in it. */
export interface StorageAlarm {
  /** A transaction was refused for want of room; `reason` in the database's words. Never throws and holds nobody up. */
  refused(reason: string): void
  /** Nothing was refused lately. */
  isOk(): boolean
}

export interface StorageAlarmDeps {
  /** Whether somebody may have got it. */
  readonly tell: (reason: string) => Promise<boolean>
  /** Steady milliseconds. */
  readonly monotonicNow: () => number
  readonly onError: (error: unknown) => void
}

/** Longer than the lease goes unrenewed: as long as nothing can be stored there is a refusal within it. */
const REFUSED_FOR_MS = 60_000
const TELL_EVERY_MS = 3_600_000
/** After nobody could be told. */
const TRY_EVERY_MS = 60_000

export function createStorageAlarm({ tell, monotonicNow, onError }: StorageAlarmDeps): StorageAlarm {
  let refusedAt = Number.NEGATIVE_INFINITY
  let tellFrom = Number.NEGATIVE_INFINITY

  async function attempt(reason: string): Promise<void> {
    try {
      if (await tell(reason)) tellFrom = monotonicNow() + TELL_EVERY_MS
    } catch (error) {
      onError(error)
    }
  }

  return {
    refused(reason) {
      refusedAt = monotonicNow()
      if (refusedAt < tellFrom) return
      tellFrom = refusedAt + TRY_EVERY_MS
      void attempt(reason)
    },
    isOk: () => monotonicNow() - refusedAt > REFUSED_FOR_MS,
  }
}
