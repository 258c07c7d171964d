import type { Address } from '../src/domain/address.ts'
import type { PositionRef, ProtocolId } from '../src/domain/position.ts'
import { type EventsKept, type EventsTaken, readCursor, takeEvents } from './cursors.ts'
import { type DirtyMark, dueMarks, type SettledMarks, settleMarks } from './dirty-owners.ts'
import { storeFound, watchedAmong, watchedLike } from './positions.ts'
import type { Database } from './schema.ts'
import { transact } from './transact.ts'

/** What the log follower keeps. */
export interface FollowerStore {
  readCursor(protocol: ProtocolId): Promise<number | null>
  /** Marks, tells liquidations and moves the cursor in one transaction; `null` when the cursor had moved. */
  takeEvents(taken: EventsTaken): Promise<EventsKept | null>
  dueMarks(due: { protocol: ProtocolId; nowMs: number; limit: number }): Promise<DirtyMark[]>
  settleMarks(settled: SettledMarks): Promise<void>
  watchedAmong(owners: readonly Address[]): Promise<Address[]>
  /** The watched owners whose address begins with one of these 19 bytes (`0x` and 38 digits). */
  watchedLike(prefixes: readonly string[]): Promise<Address[]>
  storeFound(refs: readonly PositionRef[]): Promise<void>
}

export function createFollowerStore({ db, now }: { db: Database; now: () => number }): FollowerStore {
  return {
    readCursor: (protocol) => readCursor(db, protocol),
    takeEvents: (taken) => takeEvents(db, taken),
    dueMarks: (due) => dueMarks(db, due),
    settleMarks: (settled) => transact(db, (tx) => settleMarks(tx, settled)),
    watchedAmong: (owners) => watchedAmong(db, owners),
    watchedLike: (prefixes) => watchedLike(db, prefixes),
    storeFound: (refs) => transact(db, (tx) => storeFound(tx, { refs, nowMs: now() })),
  }
}
