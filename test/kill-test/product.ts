import type { Bed } from '../bed/bed.ts'
import type { BuoyProcess } from '../bed/buoy-process.ts'

const LIMIT_MS = 60_000

/** Rejects when something takes longer than anything here may. */
export async function withLimit<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} took longer than a minute`))
    }, LIMIT_MS)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves when everything was read, start to end, after this call. */
export async function aCycle(buoy: BuoyProcess): Promise<void> {
  for (let ended = 0; ended < 2; ended += 1) {
    await buoy.waitForLog(({ msg }) => msg === 'cycle', { what: 'a cycle', from: buoy.logMark() })
  }
}

/** Moves the product's clock and the chain's together. */
export async function advance(
  { bed, buoy }: { bed: Bed; buoy: BuoyProcess },
  seconds: number,
): Promise<void> {
  await bed.chain.accrueTime(seconds)
  await buoy.advance(seconds * 1000)
}
