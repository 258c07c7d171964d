import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { createFakeMeteora, type FakeMeteora } from '../fakes/meteora/index.ts'
import { aPool, aToken, mintOf, SOL, USDC } from '../fakes/meteora/universe.ts'
import { answersTo, buttonsOf, createPerson, openLoan, type Person, personIn } from './person.ts'

const OPERATOR = 7_000_001
const WALLET = mintOf(7, 'W')
const BONK = mintOf(9)
const DAY_MS = 24 * 3_600_000
const UNKNOWN = 'I do not know this command. /help shows what I can do.'

let bed: Bed
let meteora: FakeMeteora
let ada: Person

/** A pool a month old; the first of two tokens is Bonk where asked for. */
function pool(number: number, { feesPerDay = 0.01, bonk = false } = {}) {
  const token_x = bonk ? { token_x: aToken({ address: BONK, symbol: 'Bonk', name: 'Bonk' }) } : {}
  return aPool({ number, tvl: 200_000, feesPerDay, createdAtMs: Date.now() - 30 * DAY_MS, change: token_x })
}

beforeAll(async () => {
  meteora = await createFakeMeteora()
  meteora.serve([
    pool(1, { feesPerDay: 0.004, bonk: true }),
    ...Array.from({ length: 6 }, (_, index) => pool(index + 2, { feesPerDay: 0.002 + index / 10_000 })),
  ])
  bed = await createBed({
    env: { BUOY_METEORA_API_URL: meteora.url, BUOY_ADMIN_IDS: String(OPERATOR) },
  })
  await bed.telegram.control.createUser({ id: OPERATOR, firstName: 'Olga', started: true })
  await bed.buoy.start()
  const reader = await createPerson(bed, 'Reader')
  // The first look at everything takes a moment.
  for (;;) {
    const { text } = await reader.ask('/pools', /./)
    if (text.startsWith("Where money earns now")) break
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
})
afterAll(async () => {
  await bed.stop()
  await meteora.stop()
})
beforeEach(async () => {
  ada = await createPerson(bed, 'Ada')
})

describe('/pools', () => {
  it('tells the best first with why, its age and its source, and turns pages in place', async () => {
    const first = await ada.ask('/pools', /^Where money earns now, the best first/)
    expect(first.text).toContain('1. Bonk-USDC · Meteora · 146 % a year')
    expect(first.text).toMatch(/score 40\.0 = 0\.40 % a day × TVL 1\.00 × age 1\.00 × trust 1\.00/)
    expect(first.text).toMatch(/looked at · data \d+ s old, from Meteora/)
    expect(buttonsOf(first)).toEqual(
      expect.arrayContaining(['📈 1', '📈 5', '1 of 2', '2 ›', 'Alerts', 'Tokens']),
    )
    await ada.tap('2 ›', first.id)
    await ada.expectEdit(first.id, /\n6\. SOL-USDC/)
  })

  it('takes tokens by address or by a name that one vouched-for token has', async () => {
    for (const token of [BONK, 'bonk']) {
      const { text } = await ada.ask(`/pools ${token}`, /^Where money earns now with this token/)
      expect(text).toContain('1. Bonk-USDC')
      expect(text).not.toContain('2. ')
    }
    await ada.ask('/pools nothing', /^I read “nothing”; I know no token/)
  })

  it('sends a chart as a picture with its numbers under it', async () => {
    const list = await ada.ask(`/pools ${BONK}`, /^Where money earns now/)
    const db = new Sqlite(bed.databasePath, { timeout: 5_000 })
    const add = db.prepare(
      'insert into pool_yields (pool, grain, at, yield_per_year, tvl_usd) values (?, ?, ?, ?, ?)',
    )
    for (let hour = 2; hour < 20; hour += 1)
      add.run(`meteora:${mintOf(1, 'P')}`, 'raw', Date.now() - hour * 3_600_000, 1.4 + hour / 100, 200_000)
    db.close()
    await ada.tap('📈 1', list.id)
    const picture = await ada.expect(/^Bonk-USDC · Meteora · 146 % a year/)
    expect(picture.kind).toBe('photo')
    expect([picture.photo?.width, picture.photo?.height]).toEqual([1200, 760])
  })
})

describe('the menus of opportunities', () => {
  it('change rules in place and say what holds then', async () => {
    const menu = await ada.ask('/poolalerts', /^🔕 Pool alerts are off, with the preset balanced\./)
    await ada.tap('🔔 Turn on', menu.id)
    await ada.expectEdit(menu.id, /^🔔 Pool alerts are on/)
    await ada.tap('Yield', menu.id)
    await ada.expectEdit(menu.id, /^Yield: at least 10\.0 % a year/)
    await ada.tap('100 %', menu.id)
    const page = await ada.expectEdit(menu.id, /^Yield: at least 100 % a year/)
    expect(buttonsOf(page)).toContain('✓ 100 %')
    await ada.tap('‹ Alerts', menu.id)
    await ada.expectEdit(menu.id, /preset balanced, changed by you/)
    // Only the first pool earns so much.
    expect((await ada.ask('/pools', /^Where money earns now/)).text).not.toContain('2. ')
    expect(await ada.seen()).toHaveLength(2)
  })

  it('keep a list of tokens by address, and /pools keeps to it', async () => {
    const added = await ada.ask(`/tokens add ${BONK}`, /^✅ Bonk added\./)
    expect(added.text).toContain(BONK)
    expect((await ada.ask('/pools', /^Where money earns now/)).text).not.toContain('SOL-USDC')
    await ada.tap('✕ 1. Bonk', added.id)
    await ada.expectEdit(added.id, /^🗑 Bonk is off your list/)
    expect((await ada.ask('/pools', /^Where money earns now/)).text).toContain('SOL-USDC')
    await ada.ask(`/tokens add ${USDC.slice(0, 40)}`, /base58 of 32 bytes/)
  })

  it('show positions of a Solana wallet: in range, near the edge, out of it, or not known', async () => {
    const at = (address: string, active: number | null) => ({
      address: mintOf(1, address),
      pool: mintOf(1, 'P'),
      lower: 100,
      upper: 168,
      active,
      outOfRange: active === null ? null : active > 168,
    })
    meteora.hold(WALLET, [at('a', 120), at('b', 167), at('c', 170), at('d', null)])
    const shown = await ada.ask(`/lp ${WALLET} Pools`, /^✅ Watched from now on/)
    const signs = shown.text.split('\n').filter((line) => line.includes('SOL-USDC'))
    expect(signs.map((line) => line.split(' ')[0])).toEqual(['🔴', '🟠', '❔', '🟢'])
    await ada.ask('/lp', /^Positions on Meteora: 1 of at most 10 wallets/)
    await ada.tap('✕ Stop watching')
    await ada.ask('/lp', /^I watch no positions/)
    await ada.ask(`/lp ${await openLoan(bed)}`, /belong to a Solana wallet/)
  })
})

describe('who may do what', () => {
  it('lets members of a group look and only admins change', async () => {
    const owner = await bed.telegram.control.createUser({ firstName: 'Ada' })
    const other = await bed.telegram.control.createUser({ firstName: 'Bob' })
    const { id: chat } = await bed.telegram.control.createGroup({
      bot: 'administrator',
      members: [{ user: owner.id, status: 'creator' }, { user: other.id }],
    })
    const member = personIn(bed, { user: other.id, chat })
    const answers = await answersTo(member, ['/poolalerts on', `/tokens add ${SOL}`, `/lp ${WALLET}`])
    for (const { text } of answers) expect(text).toMatch(/^Only admins of this group/)
    expect(answers).toHaveLength(3)
    await member.ask('/pools', /^Where money earns now/)
    await member.ask('/tokens', /^No tokens on your list/)
    await personIn(bed, { user: owner.id, chat }).ask('/poolalerts on', /^🔔/)
  })

  it('lets admins pause pool alerts for everybody, in private only', async () => {
    const operator = personIn(bed, { user: OPERATOR, chat: OPERATOR })
    await operator.ask('/poolpause', /^⏸ Pool alerts are paused for everybody/)
    const stats = await operator.ask('/stats', /^Buoy/)
    expect(stats.text).toMatch(
      /Opportunities: \d+, \d+ s old · alerts paused for everybody\n {3}\d+ chats with alerts/,
    )
    await operator.ask('/poolresume', /^▶️/)
    expect((await operator.ask('/stats', /^Buoy/)).text).not.toContain('paused')
    const answers = await answersTo(ada, ['/poolpause', '/poolresume'])
    expect(answers.map(({ text }) => text)).toEqual([UNKNOWN, UNKNOWN])
  })
})
