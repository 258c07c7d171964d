export interface LoopDeps {
  /** One round. Must end when `signal` fires. */
  readonly round: (signal: AbortSignal) => Promise<void>
  /** Pause between the end of one round and the start of the next. */
  readonly pauseMs: number
  /** A round that takes longer is given up, so that one that hangs does not stop the loop for ever. */
  readonly timeoutMs: number
  readonly onError: (error: unknown) => void
}

export interface Loop {
  start(): void
  /** Ends the pause that is under way, if any. */
  poke(): void
  /** Lets the round under way end (its signal fires), then resolves. Starts nothing new. */
  stop(): Promise<void>
}

/** Rounds one after the other, never two at once, until stopped. An error ends a round, not the loop. */
export function createLoop(deps: LoopDeps): Loop {
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  let wake: (() => void) | undefined
  let poked = false

  function pause(): Promise<void> {
    if (poked || stopping.signal.aborted) {
      poked = false
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const timer = setTimeout(done, deps.pauseMs)
      function done(): void {
        clearTimeout(timer)
        wake = undefined
        poked = false
        resolve()
      }
      wake = done
    })
  }

  async function oneRound(): Promise<void> {
    const end = new AbortController()
    const stopRound = (): void => {
      end.abort()
    }
    stopping.signal.addEventListener('abort', stopRound)
    let timer: NodeJS.Timeout | undefined
    const givenUp = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        end.abort()
        reject(new Error(`round given up after ${deps.timeoutMs / 1000} s`))
      }, deps.timeoutMs)
    })
    try {
      await Promise.race([deps.round(end.signal), givenUp])
    } catch (error) {
      deps.onError(error)
    } finally {
      clearTimeout(timer)
      stopping.signal.removeEventListener('abort', stopRound)
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await oneRound()
      await pause()
    }
  }

  return {
    start() {
      running ??= run()
    },
    poke() {
      poked = true
      wake?.()
    },
    async stop() {
      stopping.abort()
      wake?.()
      await running
    },
  }
}
