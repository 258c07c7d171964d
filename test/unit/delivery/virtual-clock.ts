import { setImmediate as turn } from 'node:timers/promises'

export interface VirtualClock {
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
  /** Lets time pass, from one pause to the next, until `work` is done. */
  run<T>(work: Promise<T>): Promise<T>
  /** Lets so much time pass. */
  advance(ms: number): Promise<void>
}

/** Time that passes only where somebody waits for it. */
export function createVirtualClock(startMs = 0): VirtualClock {
  let nowMs = startMs
  let waiting: { atMs: number; resolve: () => void }[] = []

  /** `false` when nobody waits for anything up to then. */
  function next(untilMs: number): boolean {
    const due = waiting.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
    if (!due) return false
    waiting = waiting.filter((one) => one !== due)
    nowMs = Math.max(nowMs, due.atMs)
    due.resolve()
    return true
  }

  return {
    now: () => nowMs,
    pause: (ms) =>
      new Promise((resolve) => {
        waiting.push({ atMs: nowMs + ms, resolve })
      }),
    async run(work) {
      let ended = 0
      const finish = (): void => {
        ended += 1
      }
      work.then(finish, finish)
      for (let idle = 0; idle < 100; idle += 1) {
        await turn()
        if (ended > 0) break
        if (next(Number.POSITIVE_INFINITY)) idle = 0
      }
      if (ended === 0) throw new Error('nobody waits for anything and the work is not done')
      return work
    },
    async advance(ms) {
      const untilMs = nowMs + ms
      do await turn()
      while (next(untilMs))
      nowMs = untilMs
      await turn()
    },
  }
}
