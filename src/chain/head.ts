import { z } from 'zod'
import type { BlockRef } from '../domain/position.ts'

const MAX_AGE_MS = 10_000
/** More than clocks of well-kept machines differ; less would refuse good blocks, more would hide a forged one. */
const MAX_AHEAD_MS = 15_000

const blockSchema = z.object({
  number: z.string().regex(/^0x[0-9a-f]{1,12}$/i),
  timestamp: z.string().regex(/^0x[0-9a-f]{1,12}$/i),
  hash: z.string().regex(/^0x[0-9a-f]{64}$/i),
  parentHash: z.string().regex(/^0x[0-9a-f]{64}$/i),
})

/** A block as eth_getBlockByNumber tells it; `undefined` for any other shape. */
export function parseBlock(answer: unknown): BlockRef | undefined {
  const parsed = blockSchema.safeParse(answer)
  if (!parsed.success) return undefined
  return {
    number: Number(parsed.data.number),
    timestamp: Number(parsed.data.timestamp),
    hash: parsed.data.hash.toLowerCase(),
    parentHash: parsed.data.parentHash.toLowerCase(),
  }
}

/** What time it is, in milliseconds, going by both clocks. */
export interface Time {
  /** A clock that runs steadily, but stays behind when the machine was suspended. */
  readonly nowMs: number
  /** The wall clock, which anybody may set to anything. */
  readonly wallMs: number
}

/**
 * Why a block cannot be the newest one, going by its time; `undefined` when it can. Either clock may be wrong for long, hardly both
 * in a way that an old block fits: so it is enough when one of them vouches for it.
 */
export function checkAge(block: BlockRef, { nowMs, wallMs }: Time): string | undefined {
  const unfit = unfitFor(block, nowMs)
  return unfit !== undefined && unfitFor(block, wallMs) !== undefined ? unfit : undefined
}

function unfitFor(block: BlockRef, nowMs: number): string | undefined {
  const ageMs = nowMs - block.timestamp * 1000
  if (ageMs > MAX_AGE_MS) return `newest block is ${Math.round(ageMs / 1000)} s old`
  if (ageMs < -MAX_AHEAD_MS) return `newest block is ${Math.round(-ageMs / 1000)} s in the future`
  return undefined
}
