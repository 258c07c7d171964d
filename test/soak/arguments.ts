import { parseArgs } from 'node:util'

/** Below that there is nothing left to compare after the warm-up. */
const MIN_MINUTES = 3
const MAX_MINUTES = 7 * 24 * 60

export interface SoakArguments {
  readonly minutes: number
  readonly seed: number
}

/** Reads `--minutes N [--seed S]`. Throws an Error that says what to type instead. */
export function readArguments(args: readonly string[]): SoakArguments {
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: { type: 'string' }, seed: { type: 'string', default: '1' } },
  })
  const minutes = wholeNumber(values.minutes ?? '')
  if (!(minutes >= MIN_MINUTES && minutes <= MAX_MINUTES)) {
    const read = values.minutes === undefined ? 'It is missing' : `I read “${values.minutes}”`
    throw new Error(
      `--minutes takes a whole number from ${MIN_MINUTES} to ${MAX_MINUTES}. ${read}. Example: npm run soak -- --minutes 20`,
    )
  }
  const seed = wholeNumber(values.seed)
  if (!Number.isSafeInteger(seed)) {
    throw new Error(`--seed takes a whole number that is not negative. I read “${values.seed}”.`)
  }
  return { minutes, seed }
}

function wholeNumber(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN
}
