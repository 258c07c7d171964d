import type { NoneReading, OkReading, Reading, UnknownReading } from '../position.ts'
import type { AlertState } from './state.ts'

/** A block so far below the last one is not a slower endpoint: one of the two numbers is wrong. */
const FAR_BACK_BLOCKS = 100
/** So long the contradicting block numbers of `heal` are not believed. */
const BELIEVE_BACK_AFTER_MS = 10 * 60_000

/** What a reading counts as whose block contradicts the last one. */
export const backwards: UnknownReading = {
  kind: 'unknown',
  reason: 'reorg',
  detail: 'the block numbers of the endpoints contradict each other',
}

export function goesBack({ lastBlock }: AlertState, reading: Reading): reading is OkReading | NoneReading {
  return reading.kind !== 'unknown' && reading.block.number < lastBlock - FAR_BACK_BLOCKS
}

/** Whether the block was applied before, or one soon after it: the reading changes nothing. */
export function isOld(state: AlertState, reading: Reading): boolean {
  return reading.kind !== 'unknown' && reading.block.number <= state.lastBlock && !goesBack(state, reading)
}

/** After as long as one is blind for, the lower numbers are believed: one false block must not silence a loan for ever. */
export function heal(state: AlertState, { reading, nowMs }: { reading: Reading; nowMs: number }): AlertState {
  const believed = nowMs - (state.unseen?.backSinceMs ?? nowMs) >= BELIEVE_BACK_AFTER_MS
  if (!believed || !goesBack(state, reading)) return state
  return { ...state, lastBlock: reading.block.number - 1 }
}

/** A clock that was set back must not stretch what is waited for: what lies ahead of it is counted from now. */
export function withoutFuture(state: AlertState, nowMs: number): AlertState {
  const { ring, unseen } = state
  const past = (ms: number): number => Math.min(ms, nowMs)
  return {
    ...state,
    ring: ring && {
      ...ring,
      atMs: past(ring.atMs),
      deepSinceMs: ring.deepSinceMs === null ? null : past(ring.deepSinceMs),
    },
    unseen: unseen && {
      ...unseen,
      sinceMs: past(unseen.sinceMs),
      ...(unseen.backSinceMs !== undefined && { backSinceMs: past(unseen.backSinceMs) }),
    },
  }
}
