import { readdir, readFile, stat } from 'node:fs/promises'
import Sqlite from 'better-sqlite3'
import type { Bed } from '../bed/bed.ts'
import type { Spread } from '../bed/figures.ts'

/** The product at one moment. Sizes in bytes. */
export interface Sample {
  /** Since the start of the soak. */
  readonly atMs: number
  readonly rss: number
  readonly heap: number
  readonly external: number
  /** What keeps the process alive, by its own account. */
  readonly handles: number
  readonly files: number
  /** The database with its log. */
  readonly database: number
  readonly rows: Readonly<Record<string, number>>
  /** Alerts that should be forgotten by now. */
  readonly overdue: number
  /** How late the loop was since the last sample, and how much of it by the product's own doing. */
  readonly late: Spread
  readonly busy: Spread
}

/** As long as alerts are kept, and a day for whoever has to forget them. */
const KEPT_MS = 36 * 86_400_000
const KILOBYTE = 1024

/** Looks at the product from outside and asks it for the rest. `nowMs` is the time by its clock. */
export async function takeSample(
  bed: Bed,
  { atMs, nowMs }: { atMs: number; nowMs: number },
): Promise<Sample> {
  const figures = await bed.buoy.figures()
  const { databasePath } = bed
  const pid = bed.buoy.pid()
  return {
    atMs,
    rss: await rssOf(pid),
    heap: figures.heapBytes,
    external: figures.externalBytes,
    handles: Object.values(figures.resources).reduce((sum, count) => sum + count, 0),
    files: (await readdir(`/proc/${pid}/fd`)).length,
    database: (await sizeOf(databasePath)) + (await sizeOf(`${databasePath}-wal`)),
    ...inside(databasePath, nowMs),
    late: figures.lateMs,
    busy: figures.busyMs,
  }
}

async function rssOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * KILOBYTE
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0
}

function inside(path: string, nowMs: number): Pick<Sample, 'rows' | 'overdue'> {
  const db = new Sqlite(path, { readonly: true, timeout: 5_000 })
  try {
    const tables = db
      .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
      .pluck()
      .all() as string[]
    const count = (sql: string, ...values: number[]): number =>
      Number(
        db
          .prepare(sql)
          .pluck()
          .get(...values),
      )
    const rows = Object.fromEntries(tables.map((table) => [table, count(`select count(*) from "${table}"`)]))
    // The newest alert of each known position in a chat, and of its last exercise, is kept for ever, and so is what waits to be sent.
    const old = `from outbox where created_at < ? and state in ('sent', 'unreachable')`
    const before = nowMs - KEPT_MS
    const known = 'select id from positions union select position_id from drills'
    const alerts = `kind <> 'edit' and position_id in (${known})`
    const kept = `select count(*) from (select distinct chat_id, position_id ${old} and ${alerts})`
    return { rows, overdue: Math.max(0, count(`select count(*) ${old}`, before) - count(kept, before)) }
  } finally {
    db.close()
  }
}
