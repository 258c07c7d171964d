import type { Executor } from './schema.ts'

const FLAG = 'pools-paused'

/** Whether the operator has stopped all pool alerts. */
export async function poolsPaused(db: Executor): Promise<boolean> {
  const row = await db.selectFrom('flags').select('name').where('name', '=', FLAG).executeTakeFirst()
  return row !== undefined
}

/** Nothing is queued while paused; what is queued already goes out. */
export async function setPoolsPaused(
  tx: Executor,
  { paused, nowMs }: { paused: boolean; nowMs: number },
): Promise<void> {
  if (!paused) {
    await tx.deleteFrom('flags').where('name', '=', FLAG).execute()
    return
  }
  await tx
    .insertInto('flags')
    .values({ name: FLAG, set_at: nowMs })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
}
