/** Lets other work have its turn. Awaited often and cheap: it gives way only when this slice has lasted long enough. */
export type GiveWay = () => Promise<void> | undefined

const SLICE_MS = 8

/** Long work in slices of some milliseconds. `clock` is monotonic. */
export function createSlices(clock: () => number): GiveWay {
  let startedAt = clock()
  return () => {
    if (clock() - startedAt < SLICE_MS) return undefined
    return new Promise((resolve) => {
      setImmediate(() => {
        startedAt = clock()
        resolve()
      })
    })
  }
}
