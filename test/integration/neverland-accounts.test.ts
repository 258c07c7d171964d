import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { type Bench, createBench, lower, neverlandOf, refIn } from './neverland-kit.ts'
import { createChance, openAccounts, randomAccount, setUpEModes } from './neverland-random.ts'

const NO_DEBT = 2n ** 256n - 1n
const COUNT = 1_000
const SAMPLE = 200

let chain: LocalChain
let bench: Bench

beforeAll(async () => {
  chain = await createLocalChain()
  bench = await createBench(chain)
})
afterAll(async () => {
  await bench.stop()
  await chain.stop()
})

describe('a thousand random accounts with several collaterals, debts and e-modes', () => {
  it('read to the last digit as the pool counts them, and add up to exactly that from their parts', async () => {
    const acts = await setUpEModes(chain)
    const chance = createChance(20_261_123)
    const accounts = Array.from({ length: COUNT }, () => randomAccount(chance))
    const owners = await openAccounts(chain, { acts, accounts })
    // Interest worth the name needs a market that is in use.
    await chain.openPosition({
      supply: [{ asset: 'WBTC', amount: '180' }],
      borrow: [{ asset: 'USDC', amount: '6000000' }],
    })
    const strategy = neverlandOf(chain)
    const refs = owners.map((owner) => refIn(chain, { owner }))
    const steps: (() => Promise<void>)[] = [
      () => chain.accrueTime(40 * 86_400),
      async () => {
        await chain.movePrice({ asset: 'WMON', percent: -34.53 })
        await chain.movePrice({ asset: 'sMON', percent: -31.71 })
        await chain.movePrice({ asset: 'WBTC', percent: 12.37 })
        await chain.setPrice({ asset: 'USDC', market: 'main', usd: '0.99871234' })
        await chain.setPrice({ asset: 'USDC', market: 'isolated', usd: '1.00120003' })
        await chain.accrueTime(13 * 86_400 + 7)
      },
    ]
    const seen = { exact: 0, modes: new Set<string | null>(), liquidatable: 0, prices: 0 }
    for (const step of steps) {
      await step()
      const readings = await bench.at((at) => strategy.read(refs, at))
      for (const [index, owner] of owners.entries()) {
        const data = await chain.accountData('main', owner)
        const reading = readings[index]
        if (reading?.kind !== 'ok') throw new Error(`${owner} is ${reading?.kind ?? 'missing'}`)
        expect([reading.collateral.amount, reading.debt.amount]).toEqual([
          data.totalCollateralBase,
          data.totalDebtBase,
        ])
        expect(reading.health.noDebt ? NO_DEBT : reading.health.healthWad).toBe(data.healthFactorWad)
        if (!reading.health.noDebt && reading.health.liquidatable) seen.liquidatable += 1
      }
      for (const ref of refs.filter((_, index) => index % (COUNT / SAMPLE) === 0)) {
        const inspection = await bench.at((at) => strategy.inspect(ref, at))
        if (inspection.kind !== 'ok') throw new Error(JSON.stringify(inspection))
        const { detail } = inspection
        expect(detail.exact).toBe(true)
        const data = await chain.accountData('main', ref.owner)
        const worth = (lines: readonly { value: { amount: bigint } }[]) =>
          lines.reduce((sum, { value }) => sum + value.amount, 0n)
        expect(worth(detail.collateral.filter((line) => line.secures))).toBe(data.totalCollateralBase)
        expect(worth(detail.debt)).toBe(data.totalDebtBase)
        seen.exact += 1
        seen.modes.add(detail.mode)
        seen.prices += detail.collateral.filter((line) => line.liquidationPrice !== null).length
        expect(detail.ref.owner).toBe(lower(ref.owner))
      }
    }
    expect(seen.exact).toBe(SAMPLE * 2)
    expect([...seen.modes].sort()).toEqual(['Dollars', 'MON correlated', null])
    expect(seen.liquidatable).toBeGreaterThan(20)
    expect(seen.prices).toBeGreaterThan(SAMPLE)
  }, 240_000)
})
