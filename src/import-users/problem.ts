/** Something in the file that could not be used. */
export interface Problem {
  /** Chat, address and field. */
  readonly where: readonly string[]
  /** What was read, what was expected, and what became of the rest. */
  readonly what: string
}
