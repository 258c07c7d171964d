import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import type { BuoyProcess } from '../bed/buoy-process.ts'
import { createPerson, openLoan, type Person } from '../e2e/person.ts'

const TAKE_OVER_LIMIT_MS = 120_000

let bed: Bed
let ada: Person
/** Whoever works at the moment. */
let worker: BuoyProcess

beforeAll(async () => {
  bed = await createBed()
  worker = bed.buoy
  await worker.start()
  ada = await createPerson(bed, 'Ada')
  await ada.type(`/add ${await openLoan(bed)} 1.4 Main`)
  await ada.expect(/Watching Main/)
})
afterAll(async () => {
  await bed.stop()
})

function leaseToken(): number {
  const db = new Sqlite(bed.databasePath, { readonly: true })
  try {
    return (db.prepare('select token from lease').get() as { token: number }).token
  } finally {
    db.close()
  }
}

/** Stops it between two transactions: one that stood still inside of one would keep SQLite locked for everybody. */
async function pauseBetweenWrites(process: BuoyProcess): Promise<void> {
  for (;;) {
    process.pause()
    const db = new Sqlite(bed.databasePath, { timeout: 200 })
    try {
      db.exec('begin immediate')
      db.exec('rollback')
      return
    } catch {
      process.resume()
      await new Promise((resolve) => setTimeout(resolve, 50))
    } finally {
      db.close()
    }
  }
}

async function alerts(): Promise<string[]> {
  return (await ada.seen()).map(({ text }) => text).filter((text) => text.startsWith('🟠'))
}

async function standby(): Promise<BuoyProcess> {
  const process = bed.another({ BUOY_STANDBY: '1' })
  await process.start()
  await process.waitForLog(({ msg }) => msg?.startsWith('standing by') === true, { what: 'the wait' })
  return process
}

async function works(process: BuoyProcess, from = 0): Promise<void> {
  await process.waitForLog(({ msg }) => msg === 'starting loops', { what: 'the take-over', from })
}

describe('several processes on one database', () => {
  it('the second ends with one line that says who works, and has touched nothing', async () => {
    const token = leaseToken()
    const greetings = await greeted()
    const second = bed.another()
    second.launch()
    expect(await second.exited()).toBe(1)
    const lines = second.logText().trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 60 })
    expect(lines[0]).toMatch(
      /Another Buoy works on this database: host .+, process \d+, until \d\d:\d\d:\d\d UTC/,
    )
    expect(lines[0]).toContain('BUOY_STANDBY=1')
    expect(leaseToken()).toBe(token)
    expect(await greeted()).toBe(greetings)
    await ada.ask('/status', /Main|wallet/i)
  })

  it('F16 two instances: the one on standby takes over when the holder is killed, and the fall meanwhile rings exactly once', async () => {
    const token = leaseToken()
    const next = await standby()
    expect(next.logText()).not.toContain('starting loops')
    await worker.kill9()
    await bed.chain.setPrice({ asset: 'WMON', usd: '3.40' })
    await works(next)
    worker = next
    expect((await ada.expect(/🟠/)).text).not.toContain('repeat')
    await worker.waitForLog(({ msg }) => msg === 'cycle', { what: 'a cycle', from: worker.logMark() })
    expect(await alerts()).toHaveLength(1)
    expect(leaseToken()).toBe(token + 1)
    expect(next.logText().split('standing by')).toHaveLength(2)
  })

  it('an orderly end lets the one on standby go on at once, and that answers', async () => {
    const next = await standby()
    const from = next.logMark()
    expect(await worker.stop()).toBe(0)
    await works(next, from)
    worker = next
    await ada.ask('/status', /wallet/i)
  })

  it('one on standby ends with code 0 when it is told to', async () => {
    const next = await standby()
    expect(await next.stop()).toBe(0)
    expect(next.logText()).not.toContain('starting loops')
  })

  it(
    'F17 the holder paused past its lease and resumed: it writes nothing, sends nothing, and ends',
    async () => {
      const rung = (await alerts()).length
      const next = await standby()
      const old = worker
      await pauseBetweenWrites(old)
      const mark = old.logMark()
      await works(next)
      worker = next
      const token = leaseToken()
      await bed.chain.setPrice({ asset: 'WMON', usd: '3.10' })
      await ada.expect(/🟠/)
      const sent = await sends()
      old.resume()
      expect(await old.exited()).toBe(1)
      const said = old.logText().slice(mark)
      expect(said).toContain('Another Buoy has taken over this database')
      expect(said).not.toMatch(/"msg":"(transition|alert attempt|cycle)"/)
      expect(leaseToken()).toBe(token)
      await worker.waitForLog(({ msg }) => msg === 'cycle', { what: 'a cycle', from: worker.logMark() })
      expect(await sends()).toBe(sent)
      expect(await alerts()).toHaveLength(rung + 1)
      await ada.ask('/status', /wallet/i)
    },
    TAKE_OVER_LIMIT_MS,
  )

  /** How often a process has introduced itself to Telegram. */
  async function greeted(): Promise<number> {
    return (await bed.telegram.control.requests({ method: 'getMe' })).length
  }

  async function sends(): Promise<number> {
    return (await bed.telegram.control.requests({ method: 'sendMessage' })).length
  }
})
