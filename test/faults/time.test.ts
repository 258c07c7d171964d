import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { createWorld } from '../contract/alert-world.ts'
import { databases, useDatabase } from '../contract/databases.ts'
import { rung } from '../e2e/person.ts'
import { aCycleOf, type Borrower, createBorrower, linesWith, pause, price, sendAway } from './kit.ts'
import { createOnlookers, type Onlookers } from './watchman-kit.ts'

const SWINGS = 100
const DAY_S = 86_400
const STANDSTILL_MS = 20_000
const STUCK_LIMIT_MS = 120_000

let bed: Bed
let ada: Borrower
let onlookers: Onlookers

beforeAll(async () => {
  onlookers = await createOnlookers()
  bed = await createBed({ env: onlookers.env })
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
  await onlookers.stop()
})
beforeEach(async () => {
  await price(bed, '4')
  ada = await createBorrower(bed)
})
afterEach(async () => {
  await bed.proxy.set({ kind: 'ok' })
  await sendAway(bed, [ada])
})

// First, while the chain's clock is still the machine's.
describe('clocks', () => {
  it.each([
    { name: 'a day ahead', seconds: DAY_S },
    { name: 'an hour back', seconds: -3_600 },
  ])('F32 the clock jumps $name: no burst, no freeze', async ({ seconds }) => {
    const before = (await ada.seen()).length
    await bed.buoy.setWallClock(seconds * 1000)
    await aCycleOf(bed.buoy)
    await aCycleOf(bed.buoy)
    expect((await ada.seen()).length).toBe(before)
    await price(bed, '3.40')
    expect((await ada.expect(/🟠/)).text).toContain('health 1.36')
    await aCycleOf(bed.buoy)
    expect(await rung(ada)).toHaveLength(1)
    await bed.buoy.setWallClock(0)
  })
})

describe('levels over time', () => {
  // A hundred swings take minutes of a real chain: here it is the real decisions and stores, and only the readings are made up.
  describe('F29', () => {
    const [sqlite] = databases
    if (!sqlite) throw new Error('SQLite is always there')
    const store = useDatabase(sqlite)

    it.each([
      { every: 5, entered: 1 },
      { every: 40, entered: 1 },
      { every: 120, entered: 100 },
    ])(
      'F29 health swings across a line 100 times, every $every s: at most one enter and one leave per hold',
      async ({ every, entered }) => {
        const world = await createWorld(store.db)
        const read = (health: string, seconds: number): Promise<void> =>
          world.step({ do: 'read', position: 0, health, seconds })
        for (let swing = 0; swing < SWINGS; swing += 1) {
          await read('1.49', 1)
          await read('1.7', 1)
          await read('1.7', every)
        }
        const ofFirst = world.committed.filter((key) => key.split(':')[1] === '1')
        const count = (kind: string): number => ofFirst.filter((key) => key.startsWith(`${kind}:`)).length
        expect(count('warning')).toBe(entered)
        expect(count('recovered')).toBeLessThanOrEqual(entered)
      },
    )
  })

  it('F30 plunge, confirmed partial recovery, plunge: the second plunge rings', async () => {
    await price(bed, '2.70')
    await ada.expect(/🔴/)
    await price(bed, '3.40')
    // Twice: should a cycle have seen nothing, the first look at the better health comes after the first minute.
    for (let minute = 0; minute < 2; minute += 1) {
      await aCycleOf(bed.buoy)
      await bed.advance(61)
    }
    const better = await ada.expect(/🟡/)
    expect(better.silent).toBe(true)
    await price(bed, '2.70')
    const again = await ada.expect(/🔴/)
    expect(again.silent).toBe(false)
    expect(await linesWith(ada, '🔴')).toHaveLength(2)
  })

  it('F45 settings change and upgrade during an episode: nothing rings again', async () => {
    await price(bed, '3.40')
    await ada.expect(/🟠/)
    await ada.ask('/threshold Main 1.5', /1\.50/)
    await ada.ask('/label Main Home', /Home/)
    await aCycleOf(bed.buoy)
    expect(await bed.buoy.stop()).toBe(0)
    await bed.buoy.start()
    await aCycleOf(bed.buoy)
    await ada.ask('/threshold Home 1.38', /1\.38/)
    await aCycleOf(bed.buoy)
    expect(await rung(ada)).toHaveLength(1)
    // Deaf it is not.
    await price(bed, '2.70')
    expect((await ada.expect(/🔴/)).text).toContain('Home')
  })
})

describe('what stands still', () => {
  it(
    'F39 a promise never settles: the stuck cycle is ended and begun anew',
    async () => {
      const from = bed.buoy.logMark()
      await bed.proxy.set({ kind: 'hang', methods: ['eth_call'] })
      // It ends although what it waits for never comes.
      await bed.buoy.waitForLog(({ msg, unknown }) => msg === 'cycle' && Number(unknown) > 0, {
        what: 'the end of a stuck cycle',
        from,
      })
      await bed.proxy.set({ kind: 'ok' })
      await price(bed, '3.40')
      await ada.expect(/🟠/)
    },
    STUCK_LIMIT_MS,
  )

  it(
    'F42 event loop blocked for 20 s: /healthz red, heartbeat withheld',
    async () => {
      await bed.buoy.stop()
      // Nothing is verified yet, so the first call is still to come.
      await bed.proxy.set({ kind: 'hang' })
      const beats = onlookers.beats()
      await bed.buoy.start()
      bed.buoy.pause()
      await pause(STANDSTILL_MS)
      bed.buoy.resume()
      const red = await onlookers.health()
      expect(red.status).toBe('red')
      expect(red.checks['eventLoop']).toMatchObject({ ok: false })
      await bed.proxy.set({ kind: 'ok' })
      const verified = { what: 'a verified cycle', from: bed.buoy.logMark() }
      await bed.buoy.waitForLog(({ msg, unknown }) => msg === 'cycle' && unknown === 0, verified)
      await aCycleOf(bed.buoy)
      expect(onlookers.beats()).toBe(beats)
      await price(bed, '3.40')
      await ada.expect(/🟠/)
    },
    STUCK_LIMIT_MS,
  )

  it('F41 heartbeat URL down: said once in the log, and the bot goes on', async () => {
    await bed.buoy.stop()
    const next = bed.another({ BUOY_HEARTBEAT_URL: 'http://127.0.0.1:9/ping', BUOY_HTTP_PORT: '0' })
    await next.start()
    await next.waitForLog(({ msg }) => /heartbeat/i.test(msg ?? ''), { what: 'the failed call' })
    await price(bed, '3.40')
    await ada.expect(/🟠/)
    expect(await next.stop()).toBe(0)
    expect(next.logText().match(/heartbeat/gi)).toHaveLength(1)
    await bed.buoy.start()
  })
})
