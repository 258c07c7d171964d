/** So long after it was made, the code that pairs a second chat can be typed. */
export const PAIRING_MS = 15 * 60_000

/** How the second chat of a chat is; `null` when there is none. */
export type SecondChat = 'active' | 'stopped' | 'unreachable' | 'barred' | null
