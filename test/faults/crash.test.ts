import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import type { RequestRecord } from '../fakes/bot-api/record.ts'
import {
  aCycleOf,
  type Borrower,
  createBorrower,
  linesWith,
  lockDatabase,
  pause,
  price,
  rowsOf,
  sendAway,
  sendsTo,
} from './kit.ts'

const KILLS = 8
const SEED = Number(process.env['BUOY_TEST_SEED'] ?? 143)
const KILLS_LIMIT_MS = 150_000

let bed: Bed
let ada: Borrower

beforeAll(async () => {
  bed = await createBed()
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
})
beforeEach(async () => {
  await bed.proxy.set({ kind: 'ok' })
  await price(bed, '4')
  ada = await createBorrower(bed)
})
afterEach(async () => {
  await bed.telegram.control.clearFaults()
  await sendAway(bed, [ada])
})

/** The reference that a message carries. */
function referenceIn(text: string): string {
  return /ref ([0-9A-F]{6})/.exec(text)?.[1] ?? 'none'
}

/** Numbers from 0 up to 1 that are the same in every run. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

describe('the process dies', () => {
  it('F1 kill -9 before the reading is committed: found again after the restart, one visible', async () => {
    // What it asks for is never answered, so that nothing of the fall can be stored.
    await bed.proxy.set({ kind: 'hang', methods: ['eth_call'] })
    await price(bed, '3.40')
    bed.proxy.resetRequests()
    while ((bed.proxy.requests().byMethod['eth_call'] ?? 0) === 0) await pause(50)
    await bed.buoy.kill9()
    expect(rowsOf(bed, `select id from outbox where chat_id = ${ada.chat}`)).toEqual([])
    await bed.proxy.set({ kind: 'ok' })
    await bed.buoy.start()
    expect((await ada.expect(/🟠/)).text).not.toContain('repeat')
    await aCycleOf(bed.buoy)
    expect(await linesWith(ada, '🟠')).toHaveLength(1)
  })

  it('F2 kill -9 after commit, before send: one visible within 60 s of restart', async () => {
    await bed.telegram.control.pause()
    const from = bed.buoy.logMark()
    await price(bed, '2.70')
    // Between two attempts: killed during one, Buoy could not know that it was refused, and would rightly say so.
    await bed.buoy.waitForLog(({ outcome, attempt }) => outcome === 'not-sent' && attempt === 3, {
      what: 'a third refused attempt, four seconds before the next',
      from,
    })
    await bed.buoy.kill9()
    await bed.telegram.control.resume()
    await bed.buoy.start()
    const alert = await ada.expect(/🔴/)
    expect(alert.text).not.toContain('repeat')
    await aCycleOf(bed.buoy)
    expect(await linesWith(ada, '🔴')).toHaveLength(1)
  })

  it('F3 kill -9 after the request is written, before the answer: at most two, the second labelled', async () => {
    await bed.telegram.control.addFault({ kind: 'hang', method: 'sendMessage', chat: ada.chat, text: '🔴' })
    await price(bed, '2.70')
    const first = await ada.expect(/🔴/)
    await bed.buoy.kill9()
    await bed.telegram.control.releaseHung()
    await bed.buoy.start()
    const second = await ada.expect(/🔴/)
    expect(first.text).not.toContain('repeat')
    expect(second.text).toContain(`May be a repeat of ${referenceIn(first.text)}`)
    await aCycleOf(bed.buoy)
    expect(await linesWith(ada, '🔴')).toHaveLength(2)
  })

  it('F3 the same where Telegram never took it: one, labelled', async () => {
    const send = { method: 'sendMessage', chat: ada.chat } as const
    await bed.telegram.control.addFault({ ...send, kind: 'hang', when: 'before', text: '🟠' })
    await price(bed, '3.40')
    const isAlert = ({ params }: RequestRecord) => String(params['text']).startsWith('🟠')
    await bed.telegram.control.waitForRequests({ ...send, where: isAlert, pending: true })
    await bed.buoy.kill9()
    // Not before Telegram knows that nobody is there any more: until then it would still take it.
    await bed.telegram.control.waitForRequests({
      ...send,
      where: (request) => isAlert(request) && request.state !== 'pending',
    })
    await bed.buoy.start()
    expect((await ada.expect(/🟠/)).text).toContain('May be a repeat')
    await aCycleOf(bed.buoy)
    expect(await linesWith(ada, '🟠')).toHaveLength(1)
  })

  it('F4 kill -9 after the answer, before commit: at most two, the second labelled', async () => {
    const { control } = bed.telegram
    await control.addFault({ kind: 'hang', method: 'sendMessage', chat: ada.chat })
    await price(bed, '3.40')
    const first = await ada.expect(/🟠/)
    // While somebody else has the database, the answer that now arrives cannot be written down.
    const unlock = lockDatabase(bed)
    await control.releaseHung()
    await control.waitFor(
      async () =>
        (await control.requests({ method: 'sendMessage', chat: ada.chat })).at(-1)?.state === 'answered',
      { what: 'the answer' },
    )
    await pause(500)
    await bed.buoy.kill9()
    unlock()
    expect(rowsOf(bed, `select state from outbox where chat_id = ${ada.chat}`)).toEqual([
      { state: 'sending' },
    ])
    await bed.buoy.start()
    const second = await ada.expect(/🟠/)
    expect(second.text).toContain(`May be a repeat of ${referenceIn(first.text)}`)
    await aCycleOf(bed.buoy)
    expect(await linesWith(ada, '🟠')).toHaveLength(2)
  })

  it(
    `F5 kill -9 at ${KILLS} random moments: nothing lost, repeats only from kills inside a send and all labelled, database intact`,
    async () => {
      const random = createRandom(SEED)
      for (let kill = 0; kill < KILLS; kill += 1) {
        await price(bed, '4')
        const one = await createBorrower(bed, { name: `Person ${kill}` })
        await price(bed, '3.40')
        await pause(random() * 2_500)
        await bed.buoy.kill9()
        const query = `select id from outbox where chat_id = ${one.chat} and state = 'sending'`
        const isInside = rowsOf(bed, query).length > 0
        await bed.buoy.start()
        const first = await one.expect(/🟠/)
        await aCycleOf(bed.buoy)
        const all = (await one.seen()).filter(({ text }) => text.startsWith('🟠'))
        const unlabelled = all.filter(({ text }) => !text.includes('May be a repeat'))
        expect(unlabelled.length, first.text).toBeLessThanOrEqual(1)
        const rows = rowsOf<{ state: string }>(bed, `select state from outbox where chat_id = ${one.chat}`)
        expect(rows.map(({ state }) => state)).toEqual(['sent'])
        expect(all.length).toBeLessThanOrEqual(isInside ? 2 : 1)
        await sendAway(bed, [one])
      }
      expect(rowsOf(bed, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }])
      expect(rowsOf(bed, 'pragma foreign_key_check')).toEqual([])
    },
    KILLS_LIMIT_MS,
  )

  it('F6 SIGTERM while a message is on its way: exit 0, and nothing is repeated', async () => {
    const rule = { kind: 'slow', delayMs: 3_000, method: 'sendMessage' } as const
    await bed.telegram.control.addFault({ ...rule, chat: ada.chat })
    await price(bed, '3.40')
    await ada.expect(/🟠/)
    expect(await bed.buoy.stop()).toBe(0)
    expect(bed.buoy.logText()).not.toContain('stopping took too long')
    await bed.buoy.start()
    await aCycleOf(bed.buoy)
    expect(await linesWith(ada, '🟠')).toHaveLength(1)
  })

  it('F6 SIGTERM in the middle of a cycle: exit 0, and what was being read rings once after the restart', async () => {
    await bed.proxy.set({ kind: 'hang', methods: ['eth_call'] })
    await price(bed, '3.40')
    bed.proxy.resetRequests()
    while ((bed.proxy.requests().byMethod['eth_call'] ?? 0) === 0) await pause(50)
    expect(await bed.buoy.stop()).toBe(0)
    expect(bed.buoy.logText()).not.toContain('stopping took too long')
    await bed.proxy.set({ kind: 'ok' })
    const before = await sendsTo(bed, ada.chat)
    await bed.buoy.start()
    await ada.expect(/🟠/)
    await aCycleOf(bed.buoy)
    expect(await sendsTo(bed, ada.chat)).toBe(before + 1)
  })
})
