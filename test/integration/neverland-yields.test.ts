import { describe, expect, it } from 'vitest'
import { poolAbi } from '../../protocols/neverland/abi.ts'
import type { LendingOpportunity, LendingYields } from '../../src/domain/pools/lending.ts'
import { TOKEN_ABI } from '../chain/abis.ts'
import { reserveOf } from '../chain/addresses.ts'
import { readBigint } from '../chain/contract-call.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { changingReaderDouble } from './changing-reader.ts'
import { type Bench, lower, neverlandOf, useBench } from './neverland-kit.ts'

const YEAR_S = 31_536_000

let chain: LocalChain
let bench: Bench

useBench((ready) => {
  chain = ready.chain
  bench = ready.bench
})

function readYields(): Promise<LendingYields> {
  return bench.at((at) => neverlandOf(chain).yields(at))
}

function rowOf({ rows }: LendingYields, name: string): LendingOpportunity {
  const row = rows.find((one) => one.name === name)
  if (!row) throw new Error(`no ${name} in ${rows.map((one) => one.name).join()}`)
  return row
}

function balanceOf(owner: string, asset: string): Promise<bigint> {
  const to = reserveOf(chain.addresses.markets.main, asset).aToken
  return readBigint(chain.rpc, { to, abi: TOKEN_ABI, method: 'balanceOf', args: [owner] })
}

async function timestamp(): Promise<number> {
  const block = (await chain.rpc.send('eth_getBlockByNumber', ['latest', false])) as { timestamp: string }
  return Number(block.timestamp)
}

/** Borrows four of the five parts of the USDC, so that lending it earns. */
async function borrowMuch(): Promise<void> {
  await chain.openPosition({
    supply: [{ asset: 'WMON', amount: '5000000' }],
    borrow: [{ asset: 'USDC', amount: '8000000' }],
  })
}

describe('what lending earns at Neverland', () => {
  it('is what the balance of a lender grows by in a year', async () => {
    const lender = await chain.openPosition({ supply: [{ asset: 'USDC', amount: '100000' }] })
    await borrowMuch()
    const row = rowOf(await readYields(), 'USDC · Neverland Main')
    const before = { balance: await balanceOf(lender, 'USDC'), at: await timestamp() }
    await chain.accrueTime(YEAR_S)
    const after = { balance: await balanceOf(lender, 'USDC'), at: await timestamp() }
    const years = (after.at - before.at) / YEAR_S
    const grown = Number(after.balance - before.balance) / Number(before.balance) / years
    expect(row.yieldPerYear.total).toBeGreaterThan(0.02)
    expect(row.yieldPerYear.total / grown).toBeCloseTo(1, 6)
    expect(row.yieldPerYear).toMatchObject({ reward: 0, fee: 0, base: row.yieldPerYear.total })
    expect(row.lending.compoundedPerYear).toBeGreaterThan(row.yieldPerYear.total)
  })

  it('tells how much is lent out, how much is left, in dollars too', async () => {
    await borrowMuch()
    const row = rowOf(await readYields(), 'USDC · Neverland Main')
    expect(row.lending.utilisation).toBeCloseTo(0.8, 5)
    expect(row.lending.liquidityRaw).toBe(2_000_000_000_000n)
    expect(row.tvlUsd).toBeCloseTo(2_000_000, 2)
    expect(Number(row.lending.suppliedRaw)).toBeCloseTo(10_000_000e6, -9)
    expect(row).toMatchObject({ source: 'neverland', kind: 'lend', trust: 'high', lending: { open: true } })
  })

  it('names each asset of each market once, under an id of its own', async () => {
    const { rows, skipped, gaps } = await readYields()
    expect(rows.map(({ name }) => name).sort()).toEqual(
      ['PT-AUSD · Neverland Isolated', 'USDC · Neverland Isolated']
        .concat(['USDC', 'WBTC', 'WMON', 'sMON'].map((symbol) => `${symbol} · Neverland Main`))
        .sort(),
    )
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
    expect({ skipped, gaps }).toEqual({ skipped: 0, gaps: null })
  })

  it('leaves out and counts a reserve that does not answer as it should, and keeps the others', async () => {
    const selector = poolAbi.getFunction('getReserveData')?.selector ?? ''
    let seen = 0
    const yields = await bench.at((at) =>
      neverlandOf(chain).yields(
        changingReaderDouble(at, {
          selector,
          change: (result) => {
            seen += 1
            return seen === 1 ? { ok: true, data: '0x' } : result
          },
        }),
      ),
    )
    expect(yields.skipped).toBe(1)
    expect(yields.rows).toHaveLength(5)
  })

  it('says that there may be more when a market does not answer', async () => {
    const known = neverlandOf(chain)
    await bench.at((at) => known.yields(at))
    await chain.makeCallsRevert(chain.addresses.markets.isolated.pool)
    const { rows, gaps } = await bench.at((at) => known.yields(at))
    await chain.restoreCode(chain.addresses.markets.isolated.pool)
    expect(gaps).toBe('1 market(s) of Neverland do not answer')
    expect(rows).toHaveLength(4)
  })
})

describe('what an owner lends at Neverland', () => {
  it('is found in every market, with its worth and the id of what it is in', async () => {
    const owner = await chain.openPosition({ supply: [{ asset: 'WMON', amount: '1000' }] })
    await chain.openPosition({ market: 'isolated', owner, supply: [{ asset: 'USDC', amount: '50' }] })
    const strategy = neverlandOf(chain)
    const [[answer], { rows }] = await bench.at(async (at) => [
      await strategy.supplies([lower(owner)], at),
      await strategy.yields(at),
    ])
    if (answer?.kind !== 'complete') throw new Error(JSON.stringify(answer))
    const [monad, dollars] = answer.supplies
    expect(monad).toMatchObject({ owner: lower(owner), amountRaw: 1000n * 10n ** 18n, valueUsd: 4000 })
    expect(dollars).toMatchObject({ amountRaw: 50_000_000n, marketName: 'Neverland Isolated' })
    expect(rows.map(({ id }) => id)).toEqual(
      expect.arrayContaining(answer.supplies.map(({ opportunityId }) => opportunityId)),
    )
  })

  it('is an answer for each owner, also for those who lend nothing', async () => {
    const owners = [chain.newOwner(), chain.newOwner()].map(lower)
    const answers = await bench.at((at) => neverlandOf(chain).supplies(owners, at))
    expect(answers).toEqual(owners.map(() => ({ kind: 'complete', supplies: [] })))
  })

  it('is never "nothing" for owners that there was no room for', async () => {
    const owners = Array.from({ length: 3_400 }, (_, index) =>
      lower(`0x${(index + 1).toString(16).padStart(40, '0')}`),
    )
    const answers = await bench.at((at) => neverlandOf(chain).supplies(owners, at))
    expect(answers).toHaveLength(owners.length)
    expect(answers[0]?.kind).toBe('complete')
    expect(answers.at(-1)).toMatchObject({ kind: 'partial', supplies: [] })
  })
})
