/** One line of a result. */
export interface BenchRow {
  readonly what: string
  /** In the order of the columns. */
  readonly cells: readonly (string | number)[]
}

export interface BenchResult {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly BenchRow[]
  readonly notes: readonly string[]
  /** What was promised and not kept. */
  readonly broken: readonly string[]
}
