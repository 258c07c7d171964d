import Sqlite from 'better-sqlite3'
import type { Arrived } from './post.ts'
import type { Loan } from './town.ts'

interface Row {
  readonly id: number
  readonly chat_id: number
  readonly kind: string
  readonly state: string
  readonly delivery_id: string | null
  readonly superseded_by: number | null
  readonly created_at: number
  readonly not_before: number
  readonly settled_at: number | null
  readonly owner: string | null
  readonly protocol: string | null
}

/** What the database promised, held against what arrived. */
export interface Account {
  readonly alerts: number
  readonly delivered: number
  /** Of the delivered: told by another row's message. */
  readonly merged: number
  readonly unreachable: number
  readonly late: number
  /** One line for each row that nobody was told. */
  readonly lost: readonly string[]
  readonly integrity: string
}

const LATE_MS = 60_000
/** Longest chain of rows that tell each other. */
const MAX_STEPS = 10_000

export interface Ledger {
  /** Alerts that have not ended yet. */
  waiting(): number
  account(post: readonly Arrived[]): Account
}

export function createLedger({ path, loans }: { path: string; loans: readonly Loan[] }): Ledger {
  const labels = new Map(loans.map(({ chat, owner, label }) => [`${chat} ${owner.toLowerCase()}`, label]))

  function read<T>(question: (db: Sqlite.Database) => T): T {
    const db = new Sqlite(path, { readonly: true, timeout: 5_000 })
    try {
      return question(db)
    } finally {
      db.close()
    }
  }

  function arrivals(post: readonly Arrived[]): Map<string, string[]> {
    const found = new Map<string, string[]>()
    for (const { chat, reference, text } of post) {
      const key = `${chat} ${reference}`
      found.set(key, [...(found.get(key) ?? []), text])
    }
    return found
  }

  return {
    waiting: () =>
      read((db) =>
        Number(
          db
            .prepare("select count(*) from outbox where state in ('pending', 'sending') and kind <> 'edit'")
            .pluck()
            .get(),
        ),
      ),
    account(post) {
      const { rows, integrity } = read((db) => ({
        rows: db
          .prepare(
            `select o.id, o.chat_id, o.kind, o.state, o.delivery_id, o.superseded_by, o.created_at, o.not_before,
              o.settled_at, lower(p.owner) as owner, p.protocol
             from outbox o left join positions p on p.id = o.position_id where o.position_id > 0 and o.kind <> 'edit'`,
          )
          .all() as Row[],
        integrity: String(db.prepare('PRAGMA integrity_check').pluck().get()),
      }))
      const byId = new Map(rows.map((row) => [row.id, row]))
      const texts = arrivals(post)
      const lost: string[] = []
      let merged = 0
      let unreachable = 0
      let late = 0
      for (const row of rows) {
        const end = endOf(row, byId)
        const label = labels.get(`${row.chat_id} ${row.owner ?? ''}`) ?? 'a wallet that nobody added'
        if (end.state === 'unreachable') unreachable += 1
        else if (end.state !== 'sent')
          lost.push(`${nameOf(row, label)}: it ends as ${end.state} (row ${end.id})`)
        else if (!wasTold(end, { label, texts }))
          lost.push(`${nameOf(row, label)}: no message of its delivery tells it`)
        else if (end.id !== row.id) merged += 1
        const readyAt = Math.max(end.created_at, end.not_before)
        if (end.settled_at !== null && end.settled_at - readyAt >= LATE_MS) late += 1
      }
      const delivered = rows.length - lost.length - unreachable
      return { alerts: rows.length, delivered, merged, unreachable, late, lost, integrity }
    },
  }
}

function endOf(row: Row, byId: ReadonlyMap<number, Row>): Row {
  let end = row
  for (let step = 0; step < MAX_STEPS && end.state === 'superseded'; step += 1) {
    const next = end.superseded_by === null ? undefined : byId.get(end.superseded_by)
    if (!next) return end
    end = next
  }
  return end
}

function wasTold(
  end: Row,
  { label, texts }: { label: string; texts: ReadonlyMap<string, string[]> },
): boolean {
  const arrived = texts.get(`${end.chat_id} ${end.delivery_id ?? ''}`) ?? []
  const protocol = new RegExp(` ${label} · ${end.protocol ?? 'none'}\\b`, 'i')
  return arrived.some((text) => protocol.test(text))
}

function nameOf({ id, kind, chat_id, protocol }: Row, label: string): string {
  return `row ${id}, ${kind} of ${label} on ${protocol ?? 'nothing'} in chat ${chat_id}`
}
