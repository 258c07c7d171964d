import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { createPerson, type Person } from '../e2e/person.ts'
import type { MeteoraFault } from '../fakes/meteora/faults.ts'
import { createFakeMeteora, type FakeMeteora } from '../fakes/meteora/index.ts'
import { aPool, aToken, type FakePool, mintOf } from '../fakes/meteora/universe.ts'
import { rowsOf, sendAway, until } from './kit.ts'

const MONTH_MS = 30 * 24 * 3_600_000
/** After so long a chat has its turn again, and what was told may be told as better. */
const TURN_S = 6 * 3_600 + 60
const MANY = 20
const FAULTS: readonly MeteoraFault[] = [
  { kind: 'rate-limited', retryAfterS: 1 },
  { kind: 'empty' },
  { kind: 'nan' },
  { kind: 'broken-rows', every: 1, field: 'tvl', value: null },
  { kind: 'status', status: 503 },
  { kind: 'html' },
]

let bed: Bed
let meteora: FakeMeteora
let ada: Person

beforeAll(async () => {
  meteora = await createFakeMeteora()
  bed = await createBed({ env: { BUOY_METEORA_API_URL: meteora.url, BUOY_TEST_POOL_PAUSE_MS: '100' } })
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
  await meteora.stop()
})
beforeEach(async () => {
  meteora.set({ kind: 'ok' })
  ada = await createPerson(bed, 'Ada')
})

/** A sound pool with 365 % a year; its name is its number. */
function pool(number: number, { feesPerDay = 0.01 } = {}): FakePool {
  const symbol = `COIN${number}`
  const token_x = aToken({ address: mintOf(number), symbol, name: symbol })
  return aPool({
    number,
    tvl: 200_000 + number,
    feesPerDay,
    createdAtMs: Date.now() - MONTH_MS,
    change: { token_x },
  })
}

/** Resolves once somebody whose turn it is has heard of what is served now. */
async function aTurn(): Promise<void> {
  // The look under way may have begun before, and must not use up the turn.
  await looks(2)
  await bed.advance(TURN_S)
  await looks(2)
}

/** So many looks have begun after this call, so all but the last have ended and are told. */
async function looks(count: number): Promise<void> {
  const begun = (): number =>
    meteora
      .requests()
      .filter(({ pathname, searchParams }) => pathname === '/pools' && searchParams.get('page') === '1')
      .length
  const before = begun()
  await until(() => begun() >= before + count)
}

/** One look at least that began after this call came to nothing. */
async function aFailure(): Promise<void> {
  await bed.advance(TURN_S)
  for (let failed = 0; failed < 2; failed += 1) {
    await bed.buoy.waitForLog(({ msg }) => msg === 'opportunities of this source are not believed now', {
      what: 'an answer that is not believed',
      from: bed.buoy.logMark(),
    })
  }
}

/** The names in each message about opportunities so far. */
async function told(): Promise<string[][]> {
  const messages = (await ada.seen()).filter(({ text }) => text.startsWith('💧'))
  return messages.map(({ text }) => [...text.matchAll(/COIN\d+/g)].map(([name]) => name))
}

function marked(): string[] {
  const rows = rowsOf<{ pool: string }>(bed, `select pool from pools_told where chat_id = ${ada.chat}`)
  return rows.map((row) => row.pool)
}

describe('opportunities', () => {
  it('F43 the API of pools answers 429, an empty list, NaN; fees of 0; a pool vanishes: no storm, no division by zero, and what vanished is not new next time', async () => {
    const pools = [1, 2, 3, 4].map((number) => pool(number))
    meteora.serve(pools)
    await looks(2)
    await ada.ask('/poolalerts on', /^🔔/)
    await ada.expect(/^💧 4 opportunities match your rules now/)
    for (const fault of FAULTS) {
      meteora.set(fault)
      await aFailure()
      meteora.set({ kind: 'ok' })
      await aTurn()
      expect(await told(), fault.kind).toHaveLength(1)
    }
    // One is gone for a while, one earns nothing for a while, and one that is not known yet earns nothing.
    meteora.serve([pool(2, { feesPerDay: 0 }), pool(3), pool(4), pool(9, { feesPerDay: 0 })])
    await aTurn()
    meteora.serve([...pools, pool(9, { feesPerDay: 0 })])
    await aTurn()
    expect(await told()).toHaveLength(1)
    // From nothing to something is new; from something to the same is not.
    meteora.serve([...pools, pool(9)])
    await aTurn()
    const { text } = await ada.expect(/^💧 New: COIN9-USDC/)
    expect(text).not.toMatch(/NaN|Infinity|∞|null/)
    await aTurn()
    expect(await told()).toHaveLength(2)
    expect(bed.buoy.logText()).not.toContain('opportunities could not be told')
    await sendAway(bed, [ada])
  })

  it('F44 more opportunities than fit one message: counted as "N more", not marked as told, and told later', async () => {
    const pools = Array.from({ length: MANY }, (_, index) => pool(100 + index))
    meteora.serve(pools)
    await looks(2)
    await ada.ask('/poolalerts on', /^🔔/)
    const first = await ada.expect(/^💧 20 opportunities match your rules now/)
    const more = Number(/… and (\d+) more/.exec(first.text)?.[1])
    const [shown = []] = await told()
    expect(shown.length).toBeGreaterThan(0)
    expect(shown.length + more).toBe(MANY)
    await until(() => marked().length > 0)
    expect(marked()).toHaveLength(shown.length)
    while ((await told()).flat().length < MANY) {
      await aTurn()
      await ada.expect(/^💧 \d+ opportunities are new or better|^💧 New/)
    }
    await aTurn()
    const names = (await told()).flat()
    expect(names).toHaveLength(MANY)
    expect(new Set(names).size).toBe(MANY)
    await until(() => marked().length === MANY)
    await sendAway(bed, [ada])
  })
})
