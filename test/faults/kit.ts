import Sqlite from 'better-sqlite3'
import type { Bed } from '../bed/bed.ts'
import type { BuoyProcess } from '../bed/buoy-process.ts'
import { createPerson, openLoan, type Person } from '../e2e/person.ts'

/** Somebody who watches a loan of their own: health 1.60 at $4, 1.36 at $3.40, 1.08 at $2.70, 0.96 at $2.40. */
export interface Borrower extends Person {
  readonly wallet: string
}

/** Opens the loan and has it watched under the name `Main`. */
export async function createBorrower(
  bed: Bed,
  { name = 'Ada', line = '1.4' }: { name?: string; line?: string } = {},
): Promise<Borrower> {
  const wallet = await openLoan(bed)
  const person = await createPerson(bed, name)
  await person.ask(`/add ${wallet} ${line} Main`, /Watching Main/)
  return { ...person, wallet }
}

/** So that nobody of the tests before takes part in the next one. */
export async function sendAway(bed: Bed, people: readonly Person[]): Promise<void> {
  for (const { user } of people) await bed.telegram.control.blockBot(user)
}

export function price(bed: Bed, usd: string): Promise<void> {
  return bed.chain.setPrice({ asset: 'WMON', usd })
}

/** Resolves once this process has read everything again, start to end. */
export async function aCycleOf(process: BuoyProcess): Promise<void> {
  for (let ended = 0; ended < 2; ended += 1) {
    await process.waitForLog(({ msg }) => msg === 'cycle', { what: 'a cycle', from: process.logMark() })
  }
}

/** All lines that somebody sees which begin with this icon, over all messages. */
export async function linesWith(person: Person, icon: string): Promise<string[]> {
  const messages = await person.seen()
  return messages.flatMap(({ text }) => text.split('\n').filter((line) => line.startsWith(`${icon} `)))
}

export async function sendsTo(bed: Bed, chat: number): Promise<number> {
  return (await bed.telegram.control.requests({ method: 'sendMessage', chat })).length
}

/** What the product's own database says, read from outside. */
export function rowsOf<Row>(bed: Bed, query: string): Row[] {
  const db = new Sqlite(bed.databasePath, { readonly: true, timeout: 5_000 })
  try {
    return db.prepare(query).all() as Row[]
  } finally {
    db.close()
  }
}

/** Keeps the database locked, as a backup or a shell would, until the function it answers with is called. */
export function lockDatabase(bed: Bed): () => void {
  const db = new Sqlite(bed.databasePath, { timeout: 10_000 })
  db.exec('begin immediate')
  return () => {
    db.exec('rollback')
    db.close()
  }
}

export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await pause(50)
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
