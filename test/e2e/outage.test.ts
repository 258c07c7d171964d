import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { createPerson, openLoan, type Person } from './person.ts'

interface Row {
  readonly chat_id: number
  readonly key: string
  readonly not_before: number
  readonly created_at: number
}

let bed: Bed
let ada: Person
let bob: Person

beforeAll(async () => {
  bed = await createBed()
  await bed.buoy.start()
  ada = await createPerson(bed, 'Ada')
  await ada.type(`/add ${await openLoan(bed)} 1.4 Main`)
  await ada.expect(/Watching Main/)
  bob = await createPerson(bed, 'Bob')
  await bob.ask(`/add 0x00000000000000000000000000000000000000b0 1.4 Empty`, /Watching Empty/)
  await bed.aCycle()
})
afterAll(async () => {
  await bed.stop()
})

function receipts(): Row[] {
  const db = new Sqlite(bed.databasePath, { readonly: true })
  try {
    return db.prepare("select * from outbox where kind = 'receipt' order by id").all() as Row[]
  } finally {
    db.close()
  }
}

/** Down for that long; resolves when everything has been looked at once since. */
async function downFor(seconds: number): Promise<void> {
  await bed.buoy.kill9()
  await bed.advance(seconds)
  const from = bed.buoy.logMark()
  await bed.buoy.start()
  await bed.buoy.waitForLog(({ msg }) => msg === 'cycle', { what: 'a cycle', from })
}

describe('after an outage', () => {
  it('nobody hears of one of a few minutes', async () => {
    await downFor(8 * 60)
    await bed.aCycle()
    expect(receipts()).toEqual([])
  })

  it('each chat with debt gets one summary after ten minutes or more, once everything was looked at', async () => {
    await downFor(12 * 3600)
    await bed.buoy.waitForLog(({ msg }) => msg === 'nobody watched for a while; it is told', { what: 'it' })
    await bed.aCycle()
    const [row, ...more] = receipts()
    expect(more).toEqual([])
    expect(row?.chat_id).toBe(ada.chat)
    expect(row?.not_before).toBeLessThan((row?.created_at ?? 0) + 60_000)
    const awayMs = (row?.created_at ?? 0) - Number(row?.key.split(':')[2])
    expect(Math.round(awayMs / 3_600_000)).toBe(12)
  })
})
