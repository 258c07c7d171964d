import { drillReport, endDrill, endOldDrills, startDrill } from '../../db/drills.ts'
import { transact } from '../../db/transact.ts'
import { createDrills, type Drills } from '../monitor/drill.ts'
import type { Context } from './context.ts'
import type { Reading } from './reading.ts'
import type { Watching } from './watching.ts'

/** Exercises through the real cycle, outbox and sender. */
export function createDrilling(
  { db, log, now }: Context,
  { reading, watching }: { reading: Reading; watching: Watching },
): Drills {
  return createDrills({
    store: {
      start: (drill) => transact(db, (tx) => startDrill(tx, drill)),
      report: (chatId) => drillReport(db, chatId),
      end: (which) => transact(db, (tx) => endDrill(tx, which)),
      endOld: (nowMs) => transact(db, (tx) => endOldDrills(tx, nowMs)),
    },
    // The configuration refuses to switch off all of them.
    protocol: reading.strategies[0]?.id ?? 'neverland',
    readNow: watching.readNow,
    now,
    onError: (error) => {
      log.error({ err: error }, 'an exercise could not be looked after')
    },
  })
}
