/** Counts changes of the fake's state and wakes those who wait for the next one. */
export interface Changes {
  version(): number
  touch(): void
  /** Resolves with the version once it is above `since`, or when the time is up. */
  wait(request: { since: number; timeoutMs: number }): Promise<number>
  releaseAll(): void
}

/** Creates the change counter. */
export function createChanges(): Changes {
  let version = 0
  const waiters = new Set<() => void>()
  const releaseAll = () => {
    for (const wake of [...waiters]) wake()
  }
  return {
    version: () => version,
    touch: () => {
      version += 1
      releaseAll()
    },
    wait: ({ since, timeoutMs }) =>
      new Promise((resolve) => {
        if (version > since) {
          resolve(version)
          return
        }
        const wake = () => {
          clearTimeout(timer)
          waiters.delete(wake)
          resolve(version)
        }
        const timer = setTimeout(wake, timeoutMs)
        waiters.add(wake)
      }),
    releaseAll,
  }
}
