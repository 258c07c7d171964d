import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { LendingYields, Supplies } from '../../src/domain/pools/lending.ts'
import { type CurvanceDoubles, createCurvanceDoubles } from '../chain/curvance/doubles.ts'
import { createEulerDoubles, type EulerDoubles } from '../chain/euler/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import type { MorphoMarketName } from '../chain/morpho/addresses.ts'
import { corruptingReader } from './corrupting-reader.ts'
import { curvanceOf } from './curvance-kit.ts'
import { eulerOf } from './euler-kit.ts'
import { morphoOf, morphoRef } from './morpho-kit.ts'
import { type Bench, createBench, lower, neverlandOf } from './neverland-kit.ts'

const ROUNDS = 40
const NOBODY = '0x00000000000000000000000000000000000b0b0b'

let chain: LocalChain
let bench: Bench
let curvance: CurvanceDoubles
let euler: EulerDoubles
let owners: Address[]

beforeAll(async () => {
  chain = await createLocalChain()
  curvance = await createCurvanceDoubles(chain)
  euler = await createEulerDoubles(chain)
  const lender = await chain.openPosition({ supply: [{ asset: 'USDC', amount: '100' }] })
  const where = { market: 'WMON/USDC', symbol: 'USDC' } as const
  await curvance.setRates({ ...where, borrowWad: 2_000_000_000n, supplyWad: 1_000_000_000n })
  await curvance.setTotals({ ...where, suppliedRaw: 1_000n, lentRaw: 400n })
  await curvance.setLent({ ...where, owner: lender, shares: 500n })
  const { vault } = euler.vaults['eUSDC-1']
  await euler.write([
    { to: vault, double: 'VaultDouble', call: ['setRates', 10n ** 18n, 1_000, 400n, 600n] },
    { to: vault, double: 'VaultDouble', call: ['deposit', 77n, lender] },
  ])
  await chain.openMorphoPosition({ market: 'WMON-USDC', collateral: '100', borrow: '300' })
  owners = [lower(lender), lower(chain.addresses.morpho.lender)]
  bench = await createBench(chain)
})
afterAll(async () => {
  await bench.stop()
  await chain.stop()
})

type Make = (at: ChainReader) => Promise<LendingStrategy>

/** A new one each time, so that nothing right is remembered. Morpho is told which markets there are. */
const STRATEGIES: Readonly<Record<'neverland' | 'morpho' | 'curvance' | 'euler', Make>> = {
  neverland: () => Promise.resolve(neverlandOf(chain)),
  morpho: async (at) => {
    const strategy = morphoOf(chain)
    const names = Object.keys(chain.addresses.morpho.markets) as MorphoMarketName[]
    const refs = names.map((market) => morphoRef(chain, { market, owner: NOBODY }))
    await strategy.read(refs, at)
    return strategy
  },
  curvance: () => Promise.resolve(curvanceOf(curvance)),
  euler: () => Promise.resolve(eulerOf({ chain, euler })),
}

function numbersOf({ rows }: LendingYields): Map<string, unknown> {
  return new Map(
    rows.map(({ id, yieldPerYear, lending }) => [
      id,
      [yieldPerYear.total, lending.utilisation, lending.suppliedRaw, lending.liquidityRaw],
    ]),
  )
}

function amountsOf(answer: Supplies | undefined): Map<string, bigint> {
  return new Map(answer?.supplies.map(({ opportunityId, amountRaw }) => [opportunityId, amountRaw]))
}

describe.each(Object.entries(STRATEGIES))('damaged answers about lending at %s', (_, make) => {
  it('give the true yield or none, and never an exception or another number', async () => {
    await bench.at(async (at) => {
      const truth = numbersOf(await (await make(at)).yields(at))
      expect(truth.size).toBeGreaterThan(2)
      let missing = 0
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const seen = numbersOf(await (await make(at)).yields(corruptingReader(at, { seed, share: 0.05 })))
        for (const [id, numbers] of seen) expect(numbers).toEqual(truth.get(id))
        missing += truth.size - seen.size
      }
      expect(missing).toBeGreaterThan(0)
    })
  })

  it('give the true deposits, or say that there may be more', async () => {
    await bench.at(async (at) => {
      const truth = (await (await make(at)).supplies(owners, at)).map(amountsOf)
      expect(truth.some((amounts) => amounts.size > 0)).toBe(true)
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const answers = await (await make(at)).supplies(owners, corruptingReader(at, { seed, share: 0.05 }))
        expect(answers).toHaveLength(owners.length)
        answers.forEach((answer, index) => {
          const found = amountsOf(answer)
          for (const [id, amount] of found) expect(amount).toBe(truth[index]?.get(id))
          if (answer.kind === 'complete') expect(found.size).toBe(truth[index]?.size)
        })
      }
    })
  })
})
