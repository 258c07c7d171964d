import type { Unconfirmed } from '../../db/confirmations.ts'
import type { ProtocolId } from '../domain/position.ts'

/** Positions that one request can read for a second time: the same protocol, and the same endpoint to check. */
export interface LookGroup {
  readonly protocol: ProtocolId
  /** The rows of each position, the most urgent position first. */
  readonly positions: readonly (readonly [Unconfirmed, ...Unconfirmed[]])[]
  readonly avoid: string | undefined
  readonly fromBlock: number
}

/** The same endpoint again is asked no earlier than this after its first answer. */
const SAME_AFTER_MS = 2_000
/** So long the other endpoints have to answer, before the same one is asked again. */
const OTHERS_FIRST_MS = 5_000
const MAX_POSITIONS = 200

interface Context {
  readonly nowMs: number
  readonly endpoints: readonly string[]
}

/**
 * How waiting alarms are looked at now. Another endpoint must have reached the block of the first reading: one that is a few blocks
 * behind gets there within the time, while an older block would only tell what was true before the fall. Where there is no
 * other endpoint, or none answered for five seconds, anyone may, at a later block.
 */
export function groupsOf(rows: readonly Unconfirmed[], { nowMs, endpoints }: Context): LookGroup[] {
  const groups = new Map<string, { first: Unconfirmed; avoid: string | undefined; rows: Unconfirmed[] }>()
  for (const row of rows) {
    const { reading } = row.transition
    if (!reading) continue
    const ageMs = nowMs - row.createdAtMs
    const others = endpoints.some((name) => name !== reading.endpoint)
    if (!others && ageMs < SAME_AFTER_MS) continue
    const avoid = others && ageMs < OTHERS_FIRST_MS ? reading.endpoint : undefined
    const key = `${row.ref.protocol} ${avoid ?? ''}`
    const group = groups.get(key) ?? { first: row, avoid, rows: [] }
    group.rows.push(row)
    groups.set(key, group)
  }
  return [...groups.values()].flatMap(({ first, avoid, rows: together }) =>
    inParts(byPosition(together)).map((positions) => {
      const newest = Math.max(...positions.flat().map((row) => row.transition.reading?.block ?? 0))
      return {
        protocol: first.ref.protocol,
        positions,
        avoid,
        fromBlock: avoid === undefined ? newest + 1 : newest,
      }
    }),
  )
}

function byPosition(rows: readonly Unconfirmed[]): [Unconfirmed, ...Unconfirmed[]][] {
  const positions = new Map<number, [Unconfirmed, ...Unconfirmed[]]>()
  for (const row of rows) {
    const known = positions.get(row.positionId)
    if (known) known.push(row)
    else positions.set(row.positionId, [row])
  }
  return [...positions.values()]
}

function inParts<T>(items: readonly T[]): T[][] {
  const parts: T[][] = []
  for (let start = 0; start < items.length; start += MAX_POSITIONS) {
    parts.push(items.slice(start, start + MAX_POSITIONS))
  }
  return parts
}
