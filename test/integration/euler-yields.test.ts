import { AbiCoder } from 'ethers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decodeSupplyCap } from '../../protocols/euler/yields.ts'
import type { LendingOpportunity, LendingYields, Supplies } from '../../src/domain/pools/lending.ts'
import {
  accountOf,
  createEulerDoubles,
  type EulerDoubles,
  type VaultAddresses,
} from '../chain/euler/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { type FakeEulerSubgraph, startFakeEulerSubgraph } from '../fakes/euler-subgraph/server.ts'
import { type EulerSetup, eulerOf } from './euler-kit.ts'
import { type Bench, createBench, lower } from './neverland-kit.ts'

/** 10 % of a year of 365 days, per second with 27 decimals. */
const TEN_PERCENT_SPY = 3_170_979_198_376_458_650n

let chain: LocalChain
let euler: EulerDoubles
let usdc: VaultAddresses
let bench: Bench
let subgraph: FakeEulerSubgraph
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
  euler = await createEulerDoubles(chain)
  usdc = euler.vaults['eUSDC-1']
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  bench = await createBench(chain)
  subgraph = await startFakeEulerSubgraph()
})
afterEach(async () => {
  await Promise.all([bench.stop(), subgraph.stop()])
  await chain.revert(snapshot)
})

function read(setup: EulerSetup = {}): Promise<LendingYields> {
  const strategy = eulerOf({ chain, euler }, setup)
  return bench.at((at) => strategy.yields(at))
}

async function suppliedBy(owner: string, setup: EulerSetup = {}): Promise<Supplies | undefined> {
  const strategy = eulerOf({ chain, euler }, setup)
  const [answer] = await bench.at((at) => strategy.supplies([lower(owner)], at))
  return answer
}

function usdcRow({ rows }: LendingYields): LendingOpportunity {
  const row = rows.find(({ id }) => id === `euler:lend:${lower(usdc.vault)}`)
  if (!row) throw new Error('no eUSDC-1')
  return row
}

function toVault(...call: readonly [string, ...unknown[]]): Promise<void> {
  return euler.write([{ to: usdc.vault, double: 'VaultDouble', call }])
}

describe("what lending earns at Euler's doubles", () => {
  it('is what borrowers pay per second, on the part that is lent out, without the fee, told per year', async () => {
    await toVault('setRates', TEN_PERCENT_SPY, 2_000, 250_000_000n, 750_000_000n)
    const row = usdcRow(await read())
    expect(row.yieldPerYear.total).toBeCloseTo(0.1 * 0.75 * 0.8, 12)
    expect(row.lending.compoundedPerYear).toBeCloseTo(Math.expm1(0.06), 9)
    expect(row.lending).toMatchObject({ utilisation: 0.75, liquidityRaw: 250_000_000n, open: true })
    expect(row).toMatchObject({ name: 'USDC · Euler eUSDC-1', trust: 'high', tvlUsd: 250 })
  })

  it('is nothing where nothing is lent out', async () => {
    await toVault('setRates', TEN_PERCENT_SPY, 0, 250_000_000n, 0n)
    expect(usdcRow(await read())).toMatchObject({ yieldPerYear: { total: 0 }, lending: { utilisation: 0 } })
  })

  it('has no worth while the oracle of the vault does not answer', async () => {
    await toVault('setRates', TEN_PERCENT_SPY, 0, 250_000_000n, 750_000_000n)
    await euler.failOracle('silently')
    const row = usdcRow(await read())
    expect(row.tvlUsd).toBeNull()
    expect(row.yieldPerYear.total).toBeCloseTo(0.075, 12)
  })

  it('is closed where the cap is reached', async () => {
    await toVault('setRates', 0n, 0, 1_000_000_000n, 0n)
    // 1.00 times ten to the ninth: a thousand dollars with six decimals.
    await toVault('setSupplyCap', (100 << 6) | 9)
    expect(usdcRow(await read()).lending.open).toBe(false)
    await toVault('setSupplyCap', (101 << 6) | 9)
    expect(usdcRow(await read()).lending.open).toBe(true)
  })

  it('leaves out and counts a vault whose numbers cannot be', async () => {
    await toVault('setRates', 10n ** 27n, 0, 0n, 10n)
    const { rows, skipped, gaps } = await read()
    expect({ left: rows.length, skipped, gaps }).toEqual({ left: 2, skipped: 1, gaps: null })
  })

  it('says so when there is no list of vaults, or none that answers', async () => {
    expect(await read({ perspective: null })).toMatchObject({
      rows: [],
      gaps: "Euler's list of vaults is not configured",
    })
    expect((await read({ perspective: lower(usdc.vault) })).gaps).toBe(
      "Euler's list of vaults does not answer",
    )
  })

  it.each([
    [0, null],
    [(123 << 6) | 18, 1_230_000_000_000_000_000n],
    [1, 0n],
  ])('unpacks the supply cap %s', (packed, raw) => {
    const data = AbiCoder.defaultAbiCoder().encode(['uint16', 'uint16'], [packed, 0])
    expect(decodeSupplyCap(data)).toEqual({ raw })
  })
})

describe("what an owner lends at Euler's doubles", () => {
  it('is all of it when the subgraph names the accounts', async () => {
    const owner = chain.newOwner()
    await toVault('setAssetsPerShare', 2n * 10n ** 18n)
    await toVault('deposit', 300_000_000n, accountOf(owner, 3))
    await toVault('deposit', 100_000_000n, owner)
    subgraph.add({ account: accountOf(owner, 3), vault: usdc.vault })
    const answer = await suppliedBy(owner, { subgraphUrl: subgraph.url })
    expect(answer?.kind).toBe('complete')
    expect(answer?.supplies.map(({ amountRaw }) => amountRaw)).toEqual([100_000_000n, 300_000_000n])
    expect(answer?.supplies[0]).toMatchObject({
      valueUsd: 100,
      opportunityId: `euler:lend:${lower(usdc.vault)}`,
    })
  })

  it('may not be all without the subgraph', async () => {
    const owner = chain.newOwner()
    await toVault('deposit', 100_000_000n, owner)
    expect(await suppliedBy(owner)).toMatchObject({
      kind: 'partial',
      supplies: [{ amountRaw: 100_000_000n }],
      reason: 'deposits of further accounts of the wallet may be missing',
    })
  })
})
