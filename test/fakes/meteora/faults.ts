/** What the double does wrong with the list of pools, or with everything. */
export type MeteoraFault =
  | { readonly kind: 'ok' }
  | { readonly kind: 'rate-limited'; readonly retryAfterS: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'html' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'too-long'; readonly bytes: number }
  /** 200 with no rows, as for an unknown filter. */
  | { readonly kind: 'empty' }
  /** Every other row is gone and the total says so too. */
  | { readonly kind: 'half' }
  /** A later page is empty although the total promises more. */
  | { readonly kind: 'cut-short' }
  /** Rows move to earlier pages while they are read. */
  | { readonly kind: 'moving'; readonly rows: number }
  /** Part of the rows gets this in place of a figure; `text` is written as it is. */
  | {
      readonly kind: 'broken-rows'
      readonly every: number
      readonly field: 'tvl' | 'fees' | 'token_x'
      readonly value: unknown
    }
  /** The word NaN, which no JSON has. */
  | { readonly kind: 'nan' }

/** One row with the damage. */
export function damaged(row: object, fault: MeteoraFault & { kind: 'broken-rows' }): object {
  const value = fault.field === 'fees' ? { '24h': fault.value } : fault.value
  return { ...row, [fault.field]: value }
}
