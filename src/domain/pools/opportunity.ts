import type { ProtocolId } from '../position.ts'

/** Something that earns, whatever its source. */
export interface Opportunity {
  readonly source: 'meteora' | ProtocolId
  readonly kind: 'pool' | 'lend'
  /** Stable, and unique within its source. */
  readonly id: string
  /** Chosen by strangers: never trusted as text. */
  readonly name: string
  readonly tokens: readonly {
    readonly address: string
    readonly symbol: string
    readonly verified: boolean | null
  }[]
  /** Simple, without reinvesting; fractions: 0.05 = 5 %. */
  readonly yieldPerYear: {
    readonly base: number
    readonly reward: number
    readonly fee: number
    readonly total: number
  }
  /** What is in it; for lending what could be taken out at once. */
  readonly tvlUsd: number | null
  readonly ageMs: number | null
  readonly trust: 'high' | 'medium' | 'low'
  readonly link: string
  readonly seenAtMs: number
  /** Fee yields by the window that they were earned in. */
  readonly windows?: Readonly<Record<string, number>>
}
