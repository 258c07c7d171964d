import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commitTransitions } from '../../db/commit-transitions.ts'
import { type DatabaseConfig, type OpenDatabase, openDatabase } from '../../db/database.ts'
import { positionsOf, type StoredPosition, storeFound } from '../../db/positions.ts'
import { queueReceipts } from '../../db/receipts.ts'
import { changeThreshold } from '../../db/set-threshold.ts'
import { transact } from '../../db/transact.ts'
import { addWatch } from '../../db/watches.ts'
import type { Address } from '../../src/domain/address.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import { type Bed, createBed } from '../bed/bed.ts'
import { databases, useDatabase } from '../contract/databases.ts'
import { addChat, NOW, outboxRows, ownerOf, reading, refOf, wad } from '../contract/store-kit.ts'
import { createPerson, openLoan, type Person, rung } from '../e2e/person.ts'
import { aCycleOf, createBorrower, linesWith, price, rowsOf, sendAway } from './kit.ts'
import { revertAccounts } from './lies.ts'

interface Cycle {
  readonly positions: number
  readonly unknown: number
  readonly failedBatches: number
  readonly why?: Readonly<Record<string, number>>
}

/**
 * What the product says of an answer for another block. The local node gives one now and then while it mines: once in some thousand calls.
 * Whatever it was asked for with that call is unknown for a turn, and rightly so.
 */
const OTHER_BLOCK = 'the answer belongs to another block'

const DAY_MS = 86_400_000
const LOAD_LIMIT_MS = 180_000
const BEHIND = 5_000
const PER_CHAT = 50
const QUEUED = 10_000
const TALKERS = 100
const MAX_RSS_KB = 512 * 1024
const WALLETS = 500
const ALERTS = 1_000
const CRITICAL = 200
const UNDER_WAY = 8

// The whole process would need a chain with 5,000 loans: here it is the real decisions and stores.
describe('F36', () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('SQLite is always there')
  const store = useDatabase(sqlite)

  it(
    'F36 24 h down, 5,000 transitions behind: the present state of each position, one summary per chat',
    async () => {
      const { db } = store
      const owners = Array.from({ length: BEHIND }, (_, index) => ownerOf(index + 1))
      const refs = owners.map((owner) => refOf(owner))
      for (let chat = 1; chat <= BEHIND / PER_CHAT; chat += 1) await addChat(db, chat)
      await transact(db, async (tx) => {
        await storeFound(tx, { refs, nowMs: NOW })
        for (const [index, owner] of owners.entries()) {
          const chatId = Math.floor(index / PER_CHAT) + 1
          await addWatch(tx, { chatId, owner, label: null, threadId: null, nowMs: NOW })
        }
      })
      const positions: StoredPosition[] = []
      for (const owner of owners) positions.push(...(await positionsOf(db, owner)))
      const all = (block: number, health: string) =>
        positions.map((position) => ({ position, reading: reading(block, wad(health)) }))
      await commitTransitions(db, { readings: all(101, '1.8'), nowMs: NOW, decide })
      expect(await outboxRows(db)).toEqual([])
      const later = NOW + DAY_MS
      const outage = { fromMs: NOW, toMs: later, notBeforeMs: later, nowMs: later }
      expect(await queueReceipts(db, outage)).toBe(BEHIND / PER_CHAT)
      const told = await commitTransitions(db, { readings: all(201, '1.3'), nowMs: later, decide })
      expect(told).toHaveLength(BEHIND)
      const rows = await outboxRows(db)
      const kinds = (kind: string): number => rows.filter((row) => row.kind === kind).length
      expect(kinds('warning')).toBe(BEHIND)
      expect(kinds('receipt')).toBe(BEHIND / PER_CHAT)
      expect(new Set(rows.filter(({ kind }) => kind === 'warning').map((row) => row.position_id)).size).toBe(
        BEHIND,
      )
      // The same again changes nothing.
      expect(await commitTransitions(db, { readings: all(201, '1.3'), nowMs: later, decide })).toEqual([])
      expect(await queueReceipts(db, outage)).toBe(0)
    },
    LOAD_LIMIT_MS,
  )
})

describe('the whole process under load', () => {
  let bed: Bed

  beforeAll(async () => {
    bed = await createBed({ env: { BUOY_MAX_WALLETS: '500' } })
    await bed.buoy.start()
  })
  afterAll(async () => {
    await bed.stop()
  })

  /** Works on the database of a process that is not running. */
  async function behindItsBack(work: (open: OpenDatabase) => Promise<void>): Promise<void> {
    expect(await bed.buoy.stop()).toBe(0)
    const config: DatabaseConfig = { kind: 'sqlite', path: bed.databasePath }
    const open = await openDatabase(config)
    await work(open)
    await open.close()
  }

  it(
    'F8 429 storm during 1,000 alerts: all arrive, critical before warning',
    async () => {
      const { control } = bed.telegram
      await price(bed, '4')
      const owner = (await openLoan(bed)).toLowerCase() as Address
      const chats: number[] = []
      await behindItsBack(async ({ db }) => {
        for (let index = 0; index < ALERTS; index += 1) {
          const { id } = await control.createUser({ firstName: `Person ${index}`, started: true })
          chats.push(id)
          await addChat(db, id)
        }
        await transact(db, async (tx) => {
          for (const [index, chatId] of chats.entries()) {
            const { watch } = await addWatch(tx, {
              chatId,
              owner,
              label: 'Main',
              threadId: null,
              nowMs: Date.now(),
            })
            const target = { kind: 'wallet', watchId: watch.id } as const
            // Every fifth of them has set a critical line above the health that is to come.
            const criticalWad = index % (ALERTS / CRITICAL) === 0 ? wad('1.38') : null
            await changeThreshold(tx, { chatId, target, warningWad: wad('1.4'), criticalWad })
          }
        })
      })
      await bed.buoy.start()
      await bed.buoy.waitForLog(({ msg }) => msg === 'sweep', { what: 'a sweep', from: bed.buoy.logMark() })
      await aCycleOf(bed.buoy)
      await control.clearRecords()
      for (let nth = 1; nth <= ALERTS; nth += 20)
        await control.addFault({ kind: 'rate-limit', retryAfter: 1, method: 'sendMessage', nth })
      const before = bed.buoy.logMark()
      await price(bed, '3.40')
      await control.waitFor(
        async () => {
          const sends = await control.requests({ method: 'sendMessage' })
          return sends.filter(({ status }) => status === 200).length >= ALERTS
        },
        { timeoutMs: LOAD_LIMIT_MS, what: 'a thousand alerts' },
      )
      const sends = await control.requests({ method: 'sendMessage' })
      expect(sends.filter(({ status }) => status === 429).length).toBeGreaterThan(10)
      expect(new Set(sends.map(({ chat }) => chat))).toEqual(new Set(chats))
      const arrived = sends.filter(({ status }) => status === 200)
      expect(arrived).toHaveLength(ALERTS)
      // Those that were refused come later by what Telegram asked for. Critical ones wait some seconds for their second look; once they
      // may go, they go before every warning that is not under way already.
      const refused = new Set(sends.filter(({ status }) => status === 429).map(({ chat }) => chat))
      const icons = arrived
        .filter(({ chat }) => !refused.has(chat))
        .map(({ params }) => String(params['text']).split(' ')[0])
      const meanwhile = icons.slice(icons.indexOf('🔴'), icons.lastIndexOf('🔴') + 1)
      expect(meanwhile.filter((icon) => icon === '🔴').length).toBeGreaterThan(CRITICAL / 2)
      expect(meanwhile.filter((icon) => icon === '🟠').length).toBeLessThanOrEqual(UNDER_WAY)
      expect((await control.breaches()).length).toBe(0)
      expect(bed.buoy.logText().slice(before)).not.toContain('"outcome":"unknown"')
      await control.clearFaults()
      await behindItsBack(async ({ db }) => {
        await db.deleteFrom('watches').where('chat_id', 'in', chats).execute()
      })
      await bed.buoy.start()
    },
    LOAD_LIMIT_MS,
  )

  describe('beside a person with 500 wallets', () => {
    let whale: Person

    beforeAll(async () => {
      await price(bed, '4')
      const owners = await bed.chain.openPositions(
        Array.from({ length: WALLETS }, () => ({
          supply: [{ asset: 'WMON', amount: '1000' }],
          borrow: [{ asset: 'USDC', amount: '500' }],
        })),
      )
      whale = await createPerson(bed, 'Whale')
      await whale.ask('/start', /wakes you/)
      const ofWhale = { chatId: whale.chat, label: null, threadId: null, nowMs: Date.now() }
      await behindItsBack(async ({ db }) => {
        await transact(db, async (tx) => {
          for (const owner of owners)
            await addWatch(tx, { ...ofWhale, owner: owner.toLowerCase() as Address })
        })
      })
      await bed.buoy.start()
    })

    function cyclesSince(from: number): Cycle[] {
      const lines = bed.buoy.logText().slice(from).split('\n')
      return lines.filter((line) => line.includes('"msg":"cycle"')).map((line) => JSON.parse(line) as Cycle)
    }

    /** The turns in which the local node answered for the block it was asked for. */
    function trueCyclesSince(from: number): Cycle[] {
      return cyclesSince(from).filter(
        ({ why = {} }) => !Object.keys(why).some((text) => text.includes(OTHER_BLOCK)),
      )
    }

    /** The chat of every position that could not be read the last time. */
    function unseenOf(chats: readonly number[]): number[] {
      const rows = rowsOf<{ chat: number }>(
        bed,
        'select chat_id as chat from alert_states where unseen is not null',
      )
      return rows.map(({ chat }) => chat).filter((chat) => chats.includes(chat))
    }

    async function aCycleOverAll(): Promise<void> {
      await bed.buoy.waitForLog(({ msg, positions }) => msg === 'cycle' && Number(positions) > WALLETS, {
        what: 'a cycle over all of them',
        from: bed.buoy.logMark(),
      })
    }

    it('F38 one user sends /check 50 times a second: told once that it is too often, others are read as before', async () => {
      const ada = await createBorrower(bed)
      await aCycleOverAll()
      const mallory = await createPerson(bed, 'Mallory')
      const from = bed.buoy.logMark()
      await Promise.all(Array.from({ length: 50 }, () => mallory.type('/check')))
      await price(bed, '3.40')
      await ada.expect(/🟠/)
      await aCycleOf(bed.buoy)
      await mallory.expect(/You have asked often/)
      await aCycleOf(bed.buoy)
      const notices = (await mallory.seen()).filter(({ text }) => text.includes('You have asked often'))
      expect(notices).toHaveLength(1)
      expect((await mallory.seen()).length).toBeLessThanOrEqual(7)
      const cycles = trueCyclesSince(from)
      expect(cycles.length).toBeGreaterThan(1)
      for (const cycle of cycles) {
        expect(cycle.positions).toBeGreaterThan(WALLETS)
        expect(cycle).toMatchObject({ unknown: 0, failedBatches: 0 })
      }
      expect(await rung(whale)).toEqual([])
      expect(await linesWith(ada, '🟠')).toHaveLength(1)
      await price(bed, '4')
      await sendAway(bed, [ada])
    })

    it('F23 one of 500 sub-calls reverts: only that position is unknown', async () => {
      const ada = await createBorrower(bed)
      await aCycleOverAll()
      await bed.proxy.set({ kind: 'lie', rewrite: revertAccounts({ fromPercent: 159n, toPercent: 161n }) })
      await aCycleOverAll()
      const from = bed.buoy.logMark()
      while (trueCyclesSince(from).length < 2) await aCycleOf(bed.buoy)
      for (const { positions, unknown, failedBatches, why } of trueCyclesSince(from)) {
        expect(positions).toBeGreaterThan(WALLETS)
        expect(failedBatches).toBe(0)
        expect(Object.keys(why ?? {})).toEqual(['neverland, decode: the pool refused the read'])
        // A turn of somewhat more than a second reads who comes first in it twice.
        expect([1, 2]).toContain(unknown)
      }
      await expect.poll(() => unseenOf([ada.chat, whale.chat]), { timeout: 10_000 }).toEqual([ada.chat])
      expect((await ada.ask('/check Main', /Main/)).text).toContain('cannot see it')
      await bed.proxy.set({ kind: 'ok' })
      await sendAway(bed, [ada])
    })
  })

  it(
    'F37 10,000 updates queued in Telegram at start: bounded memory, and an alert does not wait for them',
    async () => {
      const { control } = bed.telegram
      await price(bed, '4')
      const ada = await createBorrower(bed)
      expect(await bed.buoy.stop()).toBe(0)
      const talkers: number[] = []
      for (let index = 0; index < TALKERS; index += 1) talkers.push((await control.createUser()).id)
      for (let index = 0; index < QUEUED; index += 1)
        await control.say({ user: talkers[index % TALKERS] ?? 0, text: '/status' })
      await price(bed, '3.40')
      await bed.buoy.start()
      await ada.expect(/🟠/)
      expect((await control.pendingUpdates()).length).toBeGreaterThan(0)
      expect(memoryOf(bed.buoy.pid())).toBeLessThan(MAX_RSS_KB)
      await sendAway(bed, [ada])
    },
    LOAD_LIMIT_MS,
  )
})

/** The most memory that a process has ever had, in KiB. */
function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN)
}
