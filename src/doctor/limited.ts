import type { Finding } from '../domain/finding.ts'

const LIMIT_MS = 10_000

/** One part of the self-check. */
export interface Check {
  readonly what: string
  /** What to look at when it does not end. */
  readonly change: string
  /** Ends early when the signal fires. */
  readonly run: (signal: AbortSignal) => Promise<readonly Finding[]>
  /** Default ten seconds. */
  readonly limitMs?: number
}

/** Runs a check within its time. Too late is one bad line, and so is whatever it throws: the other checks are still of use. */
export async function limited({ what, change, run, limitMs = LIMIT_MS }: Check): Promise<readonly Finding[]> {
  const end = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(() => {
      resolve([{ mark: 'bad', what, detail: `no answer within ${limitMs / 1000} s`, change }])
      end.abort()
    }, limitMs)
  })
  try {
    return await Promise.race([run(end.signal), late])
  } catch (error) {
    const name = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error'
    return [{ mark: 'bad', what, detail: `could not be checked (${name})`, change }]
  } finally {
    clearTimeout(timer)
  }
}
