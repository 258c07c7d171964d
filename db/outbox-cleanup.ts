import type { Executor } from './schema.ts'

const SETTLED = ['sent', 'unreachable', 'superseded'] as const

/**
 * Forgets up to `limit` settled rows from before `beforeMs`; answers with how many. The newest alert of each chat and position stays as
 * long as the position is known: numbers go on from it and no key is used twice. So does what another row still tells.
 */
export async function forgetOldAlerts(
  tx: Executor,
  { beforeMs, limit }: { beforeMs: number; limit: number },
): Promise<number> {
  const old = await tx
    .selectFrom('outbox')
    .select('outbox.id')
    .where('outbox.created_at', '<', beforeMs)
    .where('outbox.state', 'in', [...SETTLED])
    .where((eb) =>
      eb.or([
        eb('outbox.position_id', '=', 0),
        // It has the number of the alert that it was made for.
        eb('outbox.kind', '=', 'edit'),
        // No other position ever gets its id. How a chat's last exercise went can still be asked for.
        eb.not(
          eb.or([
            eb.exists(
              eb
                .selectFrom('positions')
                .select('positions.id')
                .whereRef('positions.id', '=', 'outbox.position_id'),
            ),
            eb.exists(
              eb
                .selectFrom('drills')
                .select('drills.position_id')
                .whereRef('drills.chat_id', '=', 'outbox.chat_id')
                .whereRef('drills.position_id', '=', 'outbox.position_id'),
            ),
          ]),
        ),
        eb.exists(
          eb
            .selectFrom('outbox as newer')
            .select('newer.id')
            .whereRef('newer.chat_id', '=', 'outbox.chat_id')
            .whereRef('newer.position_id', '=', 'outbox.position_id')
            .whereRef('newer.seq', '>', 'outbox.seq')
            .whereRef('newer.episode', '>=', 'outbox.episode'),
        ),
      ]),
    )
    // Whoever tells it was not sent yet.
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('outbox as teller')
            .select('teller.id')
            .whereRef('teller.id', '=', 'outbox.superseded_by')
            .where('teller.state', 'not in', ['sent', 'unreachable']),
        ),
      ),
    )
    .orderBy('outbox.created_at')
    .limit(limit)
    .execute()
  if (old.length === 0) return 0
  await tx
    .deleteFrom('outbox')
    .where(
      'id',
      'in',
      old.map(({ id }) => id),
    )
    .execute()
  return old.length
}
