import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { markSeen } from '../../db/acknowledge.ts'
import { loadStates, stateKey } from '../../db/alert-states.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import { alertOf } from '../../db/outbox.ts'
import { positionsOf } from '../../db/positions.ts'
import { transact } from '../../db/transact.ts'
import { findWatch, setThreshold } from '../../db/watches.ts'
import type { AlertState } from '../../src/domain/alerting/state.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import {
  accountOf,
  createEulerDoubles,
  type EulerDoubles,
  type VaultAddresses,
} from '../chain/euler/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { wad } from '../unit/domain/alerting/series.ts'
import { eulerOf, eulerRef } from './euler-kit.ts'
import { CHAT, createMonitorBed, type MonitorBed } from './monitor-kit.ts'
import { lower } from './neverland-kit.ts'

const ACCOUNT = 7
const LINE = wad('1.3')

let chain: LocalChain
let euler: EulerDoubles
let wmon: VaultAddresses
let usdc: VaultAddresses
let wbtc: VaultAddresses
let bed: MonitorBed
let snapshot: string
/** Cuts the next turns short between storing where the debt went and storing what was read. */
let dying = false

beforeAll(async () => {
  chain = await createLocalChain()
  euler = await createEulerDoubles(chain)
  wmon = euler.vaults['eWMON-1']
  usdc = euler.vaults['eUSDC-1']
  wbtc = euler.vaults['eWBTC-1']
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  dying = false
  bed = await createMonitorBed({
    chain,
    strategies: [eulerOf({ chain, euler })],
    commit: (db, work) =>
      dying ? Promise.reject(new Error('the process died')) : commitTransitions(db, work),
  })
})
afterEach(async () => {
  await bed.stop()
  await chain.revert(snapshot)
})

interface Loan {
  readonly owner: string
  readonly old: PositionRef
  readonly next: PositionRef
}

/** A loan of $2,700 on $4,000 of WMON at 85 %, watched with a line of its own: health 1.259 is a warning, and was seen. */
async function aSeenWarning(): Promise<Loan> {
  const owner = await euler.openLoan({
    accountId: ACCOUNT,
    controller: usdc,
    collateral: [{ vault: wmon, amount: '1000' }],
    debt: '2700',
  })
  await bed.add(owner)
  const at = { owner, accountId: ACCOUNT }
  const old = eulerRef({ ...at, controller: usdc })
  const watch = await findWatch(bed.db, { chatId: CHAT, owner: lower(owner) })
  const threshold = { watchId: watch?.id ?? 0, scope: 'position', target: old.key, warningWad: LINE } as const
  await transact(bed.db, (tx) => setThreshold(tx, threshold))
  await bed.turn()
  expect(await bed.told()).toEqual(['warning'])
  const [alert] = await alerts()
  const seen = { chatId: CHAT, rowId: alert?.id ?? 0, nowMs: 1 }
  await transact(bed.db, (tx) => markSeen(tx, seen))
  return { owner, old, next: eulerRef({ ...at, controller: wbtc, symbol: 'eWBTC-1' }) }
}

/** The debt of $2,700 goes from one vault to the other, in one go as far as a reader can see. */
async function moveDebt({ owner }: Loan, way: { from: VaultAddresses; to: VaultAddresses; debt: string }) {
  const account = accountOf(owner, ACCOUNT)
  const at = { owner, accountId: ACCOUNT }
  await euler.write([{ to: way.from.vault, double: 'VaultDouble', call: ['setDebt', account, 0n] }])
  await euler.setController({ ...at, vault: way.from, on: false })
  await euler.openLoan({ ...at, controller: way.to, collateral: [], debt: way.debt })
}

const toWbtc = (loan: Loan) => moveDebt(loan, { from: usdc, to: wbtc, debt: '0.045' })

async function alerts() {
  const rows = await bed.db.selectFrom('outbox').selectAll().orderBy('id').execute()
  return rows.map((row) => ({ id: row.id, ...alertOf(row) }))
}

async function stateAt({ key, owner }: PositionRef): Promise<AlertState | undefined> {
  const positionId = (await positionsOf(bed.db, owner)).find(({ ref }) => ref.key === key)?.id ?? 0
  return (await loadStates(bed.db, [positionId])).get(stateKey({ chatId: CHAT, positionId }))
}

describe('a debt that moved to another vault of the same account', () => {
  it('is told once and silently, rings for nothing that was told, and rings when it gets worse', async () => {
    const loan = await aSeenWarning()
    await toWbtc(loan)
    await bed.turn()
    expect(await bed.told()).toEqual(['warning'])
    expect(await stateAt(loan.next)).toMatchObject({ level: 'warning', seen: { level: 'warning' } })
    for (let round = 0; round < 3; round += 1) await bed.turn()
    expect(await bed.told()).toEqual(['warning', 'moved'])
    const [, moved] = await alerts()
    expect(moved).toMatchObject({ ref: loan.old, transition: { movedTo: 'Euler eWBTC-1 · account 7' } })
    expect(await stateAt(loan.old)).toMatchObject({ closed: true })
    expect(await stateAt(loan.next)).toMatchObject({
      level: 'warning',
      closed: false,
      absent: null,
      seen: { level: 'warning' },
      last: { debt: { amount: 2_700n * 10n ** 18n } },
    })

    await euler.setPrice({ vault: wmon, price: '3.4' })
    await bed.turn()
    expect(await bed.told()).toEqual(['warning', 'moved', 'critical'])
    const worse = (await alerts()).at(-1)
    expect(worse).toMatchObject({ ref: loan.next, transition: { lines: { warningWad: LINE } } })
    expect(bed.errors).toEqual([])
  })

  it('goes on the same when the process dies after its new place was stored', async () => {
    const loan = await aSeenWarning()
    await toWbtc(loan)
    dying = true
    for (let round = 0; round < 2; round += 1) expect(await bed.turn()).toMatchObject({ failedBatches: 1 })
    expect(await stateAt(loan.old)).toMatchObject({ level: 'warning', absent: null })
    expect(await stateAt(loan.next)).toMatchObject({ level: 'warning', seen: { level: 'warning' } })
    dying = false
    for (let round = 0; round < 4; round += 1) await bed.turn()
    expect(await bed.told()).toEqual(['warning', 'moved'])
    expect(await stateAt(loan.next)).toMatchObject({ level: 'warning', seen: { level: 'warning' }, seq: 1 })
    expect(await positionsOf(bed.db, loan.old.owner)).toHaveLength(2)
  })

  it('may move back again, and that is told too', async () => {
    const loan = await aSeenWarning()
    await toWbtc(loan)
    for (let round = 0; round < 3; round += 1) await bed.turn()
    await moveDebt(loan, { from: wbtc, to: usdc, debt: '2700' })
    for (let round = 0; round < 4; round += 1) await bed.turn()
    expect(await bed.told()).toEqual(['warning', 'moved', 'moved'])
    expect(await stateAt(loan.old)).toMatchObject({
      level: 'warning',
      closed: false,
      seen: { level: 'warning' },
    })
    expect(await stateAt(loan.next)).toMatchObject({ closed: true })
  })

  it('is found and read where it went as soon as its events are, and rings there as the same loan', async () => {
    const loan = await aSeenWarning()
    const follower = bed.follower(50)
    follower.start()
    await expect.poll(() => follower.lag()[0]?.blocksBehind, { timeout: 10_000 }).not.toBeNull()
    await moveDebt(loan, { from: usdc, to: wbtc, debt: '0.054' })
    // Events are taken in a few blocks behind the head.
    await bed.pass(1)
    await bed.pass(1)
    await bed.pass(1)
    await expect.poll(() => bed.told(), { timeout: 10_000 }).toEqual(['warning', 'critical'])
    await follower.stop()
    const [, worse] = await alerts()
    expect(worse).toMatchObject({ ref: loan.next, transition: { from: 'warning', episode: 1, seq: 2 } })
    for (let round = 0; round < 3; round += 1) await bed.turn()
    expect(await bed.told()).toEqual(['warning', 'critical', 'moved'])
    expect(bed.errors).toEqual([])
  })
})
