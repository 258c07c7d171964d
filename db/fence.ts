import { LeaseLostError } from '../src/errors.ts'
import type { Database, Executor } from './schema.ts'

/** The one lease there is: who of several processes on this database works. */
export const LEASE_NAME = 'buoy'

export interface Fence {
  readonly token: number
  /** Told each time a write is refused because the lease has gone to somebody else. */
  readonly onLost: () => void
}

const fences = new WeakMap<Database, Fence>()

/** From now on every transaction on `db` first compares this token with the stored one, inside itself. */
export function fence(db: Database, with_: Fence): void {
  fences.set(db, with_)
}

/** Throws LeaseLostError when the lease has changed hands. Without a fence (tools, tests) everything may be written. */
export async function checkFence(db: Database, tx: Executor): Promise<void> {
  const mine = fences.get(db)
  if (!mine) return
  const row = await tx.selectFrom('lease').select('token').where('name', '=', LEASE_NAME).executeTakeFirst()
  if (row?.token === mine.token) return
  mine.onLost()
  throw new LeaseLostError('The lease has gone to another process; nothing was written')
}
