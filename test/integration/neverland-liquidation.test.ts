import { describe, expect, it } from 'vitest'
import type { Reading } from '../../src/domain/position.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { type Bench, neverlandOf, refIn, useBench } from './neverland-kit.ts'

const WAD = 10n ** 18n
/** 1000 WMON at $2 with a threshold of 75 % carry exactly $1500. */
const LOAN = {
  supply: [{ asset: 'WMON', amount: '1000' }],
  borrow: [{ asset: 'USDC', amount: '1500' }],
} as const

let chain: LocalChain
let bench: Bench

useBench((ready) => {
  chain = ready.chain
  bench = ready.bench
})

async function read(owner: string): Promise<Reading | undefined> {
  const [reading] = await bench.at((at) => neverlandOf(chain).read([refIn(chain, { owner })], at))
  return reading
}

async function liquidate(owner: string): Promise<'accepted' | 'refused'> {
  const liquidation = { owner, collateral: 'WMON', debt: 'USDC', amount: '100' }
  return await chain.liquidate(liquidation).then(
    () => 'accepted' as const,
    (error: unknown) => {
      // Aave's number for a health that is not below 1.
      if (String(error).endsWith('reverted: 45')) return 'refused' as const
      throw error
    },
  )
}

describe('"liquidatable"', () => {
  it('is not said at a health of exactly 1, where the contract refuses a liquidation', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.setPrice({ asset: 'WMON', usd: '2' })
    expect(await read(owner)).toMatchObject({
      kind: 'ok',
      health: { noDebt: false, healthWad: WAD, liquidatable: false },
    })
    expect(await liquidate(owner)).toBe('refused')
  })

  it('is said at the next lower price, where the contract accepts one', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.setPrice({ asset: 'WMON', usd: '1.99999999' })
    const reading = await read(owner)
    const healthWad = reading?.kind === 'ok' && !reading.health.noDebt ? reading.health.healthWad : 0n
    expect(healthWad).toBeGreaterThan(WAD - WAD / 10_000_000n)
    expect(reading).toMatchObject({ health: { liquidatable: true } })
    expect(await liquidate(owner)).toBe('accepted')
  })

  it('agrees with the contract on both sides of the line, for many loans', async () => {
    const prices = ['2.00000001', '1.9999999', '1.95', '2.1', '2.0001', '1.2', '1.999', '2']
    for (const usd of prices) {
      const before = await chain.snapshot()
      const owner = await chain.openPosition(LOAN)
      await chain.setPrice({ asset: 'WMON', usd })
      const reading = await read(owner)
      const said = reading?.kind === 'ok' && !reading.health.noDebt && reading.health.liquidatable
      expect([usd, await liquidate(owner)]).toEqual([usd, said ? 'accepted' : 'refused'])
      await chain.revert(before)
    }
  })

  it('is said by interest alone, without a price that moves', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.openPosition({
      supply: [{ asset: 'WBTC', amount: '190' }],
      borrow: [{ asset: 'USDC', amount: '8000000' }],
    })
    await chain.setPrice({ asset: 'WMON', usd: '2.01' })
    expect(await read(owner)).toMatchObject({ health: { liquidatable: false } })
    await chain.accrueTime(365 * 86_400)
    expect(await read(owner)).toMatchObject({ health: { liquidatable: true } })
    expect(await liquidate(owner)).toBe('accepted')
  })

  it('is said of what a liquidation left with debt and no collateral', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.setPrice({ asset: 'WMON', usd: '0.5' })
    await chain.liquidate({ owner, collateral: 'WMON', debt: 'USDC', amount: 'max' })
    const { totalCollateralBase, totalDebtBase } = await chain.accountData('main', owner)
    expect([totalCollateralBase, totalDebtBase > 0n]).toEqual([0n, true])
    expect(await read(owner)).toMatchObject({
      kind: 'ok',
      health: { noDebt: false, healthWad: 0n, liquidatable: true },
      debt: { amount: totalDebtBase },
    })
  })
})
