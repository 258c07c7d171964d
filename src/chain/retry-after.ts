const LONGEST_MS = 15 * 60_000
/** The one form of date that HTTP allows to be sent: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** Milliseconds that a Retry-After header asks for, as seconds or as a date, at most 15 minutes; `undefined` for other text. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}(\.\d{1,3})?$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_MS)
  if (!HTTP_DATE.test(text)) return undefined
  const untilMs = Date.parse(text) - nowMs
  return Number.isFinite(untilMs) ? Math.min(Math.max(untilMs, 0), LONGEST_MS) : undefined
}
