import { describe, expect, it } from 'vitest'
import type { PositionRef, Reading } from '../../src/domain/position.ts'
import { MARKET_NAMES, type MarketName } from '../chain/addresses.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import type { NewPosition } from '../chain/positions.ts'
import { type Bench, neverlandOf, refIn, useBench } from './neverland-kit.ts'
import { createChance } from './neverland-random.ts'

const NO_DEBT = 2n ** 256n - 1n
const WAD = 10n ** 18n
const LOAN = {
  supply: [{ asset: 'WMON', amount: '1000' }],
  borrow: [{ asset: 'USDC', amount: '2000' }],
} as const

let chain: LocalChain
let bench: Bench

useBench((ready) => {
  chain = ready.chain
  bench = ready.bench
})

const strategyOf = () => neverlandOf(chain)

async function read(refs: readonly PositionRef[], strategy = strategyOf()): Promise<Reading[]> {
  return await bench.at((at) => strategy.read(refs, at))
}

/** What the pool says, read with ethers at the same block. */
async function expectedReading(ref: PositionRef, market: MarketName): Promise<unknown> {
  const data = await chain.accountData(market, ref.owner)
  if (data.totalCollateralBase === 0n && data.totalDebtBase === 0n) return { kind: 'none' }
  return {
    kind: 'ok',
    health:
      data.healthFactorWad === NO_DEBT
        ? { noDebt: true }
        : { noDebt: false, healthWad: data.healthFactorWad, liquidatable: data.healthFactorWad < WAD },
    collateral: { amount: data.totalCollateralBase, decimals: 8 },
    debt: { amount: data.totalDebtBase, decimals: 8 },
    unit: 'USD',
  }
}

const USD = { WMON: 4, USDC: 1, WBTC: 60_000, sMON: 4.2, 'PT-AUSD': 0.97 }
const LTV = { WMON: 0.7, USDC: 0.75, WBTC: 0.73, sMON: 0.65, 'PT-AUSD': 0.85 }
const DECIMALS = { WMON: 18, USDC: 6, WBTC: 8, sMON: 18, 'PT-AUSD': 18 }
type Asset = keyof typeof USD
const ASSETS: Record<MarketName, readonly Asset[]> = {
  main: ['WMON', 'USDC', 'WBTC', 'sMON'],
  isolated: ['PT-AUSD', 'USDC'],
}

/** Supplies of one to three assets worth $50 to $20,000 each, and debts of 30 to 97 % of what is allowed. */
function randomPosition(chance: ReturnType<typeof createChance>, market: MarketName): NewPosition {
  const amountOf = (asset: Asset, usd: number) => (usd / USD[asset]).toFixed(Math.min(DECIMALS[asset], 8))
  const some = (): Asset[] => {
    const chosen = ASSETS[market].filter(() => chance.next() < 0.5)
    return chosen.length > 0 ? chosen.slice(0, 3) : ['USDC']
  }
  let allowed = 0
  const supply = some().map((asset) => {
    const usd = chance.between(50, 20_000)
    allowed += usd * LTV[asset]
    return { asset, amount: amountOf(asset, usd) }
  })
  if (chance.next() < 0.12) return { market, supply }
  const debts = chance.next() < 0.6 ? (['USDC'] as const) : some()
  const borrow = debts.map((asset) => ({
    asset,
    amount: amountOf(asset, (allowed * chance.between(0.3, 0.97)) / debts.length),
  }))
  return { market, supply, borrow }
}

describe('reading accounts', () => {
  it('says to the wei what the pool says, for 220 random accounts, after prices and time have moved', async () => {
    const chance = createChance(20_261_122)
    const positions = Array.from({ length: 220 }, (_, index) =>
      randomPosition(chance, index % 4 === 3 ? 'isolated' : 'main'),
    )
    const owners = await chain.openPositions(positions)
    await chain.openPosition({
      supply: [{ asset: 'WBTC', amount: '150' }],
      borrow: [{ asset: 'USDC', amount: '6000000' }],
    })
    const refs = owners.map((owner, index) => ({
      market: positions[index]?.market ?? ('main' as const),
      ref: refIn(chain, { owner, market: positions[index]?.market ?? 'main' }),
    }))
    const strategy = strategyOf()
    const steps: (() => Promise<void>)[] = [
      () => Promise.resolve(),
      () => chain.movePrice({ asset: 'WMON', percent: -17.5 }),
      () => chain.accrueTime(40 * 86_400),
      async () => {
        for (const asset of ['WBTC', 'WMON', 'sMON']) await chain.movePrice({ asset, percent: -37.31 })
        await chain.movePrice({ asset: 'PT-AUSD', percent: -9.01 })
        await chain.setPrice({ asset: 'USDC', usd: '1.00012345' })
      },
    ]
    const healths = new Set<bigint>()
    const kinds = { liquidatable: 0, noDebt: 0, healthy: 0 }
    for (const step of steps) {
      await step()
      const readings = await read(
        refs.map(({ ref }) => ref),
        strategy,
      )
      expect(readings).toHaveLength(220)
      for (const [index, { ref, market }] of refs.entries()) {
        const reading = readings[index]
        expect(reading).toMatchObject((await expectedReading(ref, market)) as object)
        if (reading?.kind !== 'ok') continue
        if (reading.health.noDebt) kinds.noDebt += 1
        else {
          healths.add(reading.health.healthWad)
          kinds[reading.health.liquidatable ? 'liquidatable' : 'healthy'] += 1
        }
      }
    }
    // The comparison is only worth something when the accounts differ.
    expect(healths.size).toBeGreaterThan(600)
    for (const count of Object.values(kinds)) expect(count).toBeGreaterThan(20)
  }, 120_000)

  it('carries block and endpoint of what was read', async () => {
    const owner = await chain.openPosition(LOAN)
    const [reading, none] = await read([refIn(chain, { owner }), refIn(chain, { owner: chain.newOwner() })])
    const head = (await chain.rpc.send('eth_getBlockByNumber', ['latest', false])) as { hash: string }
    for (const answer of [reading, none]) {
      expect(answer).toMatchObject({ block: { hash: head.hash }, endpoint: new URL(chain.url).host })
    }
  })

  it('tells deposits, closed and never opened positions apart', async () => {
    const supplier = await chain.openPosition({ supply: LOAN.supply })
    const repaid = await chain.openPosition(LOAN)
    await chain.repay({ owner: repaid, asset: 'USDC', amount: 'max' })
    const closed = await chain.openPosition(LOAN)
    await chain.closePosition({ owner: closed })
    const owners = [supplier, repaid, closed, chain.newOwner()]
    const readings = await read(owners.map((owner) => refIn(chain, { owner })))
    expect(readings).toMatchObject([
      {
        kind: 'ok',
        health: { noDebt: true },
        debt: { amount: 0n },
        collateral: { amount: 400_000_000_000n },
      },
      {
        kind: 'ok',
        health: { noDebt: true },
        debt: { amount: 0n },
        collateral: { amount: 400_000_000_000n },
      },
      { kind: 'none' },
      { kind: 'none' },
    ])
  })

  it('keeps the two markets of one owner apart', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.openPosition({
      market: 'isolated',
      owner,
      supply: [{ asset: 'PT-AUSD', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '100' }],
    })
    const readings = await read(MARKET_NAMES.map((market) => refIn(chain, { owner, market })))
    for (const [index, market] of MARKET_NAMES.entries()) {
      const expected = await expectedReading(refIn(chain, { owner, market }), market)
      expect(readings[index]).toMatchObject(expected as object)
    }
    expect(readings[0]).not.toEqual(readings[1])
  })

  it('gives one reading per ref in the given order, repeats and strangers included', async () => {
    const [high, low] = await chain.openPositions([
      { supply: LOAN.supply, borrow: [{ asset: 'USDC', amount: '1000' }] },
      LOAN,
    ])
    const refs = [low, high, low, chain.newOwner(), high].map((owner) => refIn(chain, { owner: owner ?? '' }))
    const [first] = refs
    if (!first) throw new Error('no ref')
    const healths = (await read([...refs, first, { ...first }])).map((reading) =>
      reading.kind === 'ok' && !reading.health.noDebt ? reading.health.healthWad : reading.kind,
    )
    const [l, h] = [3n * 5n * 10n ** 17n, 3n * WAD]
    expect(healths).toEqual([l, h, l, 'none', h, l, l])
    expect(await read([])).toEqual([])
  })

  it('does not know a position of a market that is neither configured nor registered', async () => {
    const owner = await chain.openPosition(LOAN)
    const known = refIn(chain, { owner })
    const foreign = { ...known, market: '0x000000000000000000000000000000000000dead', marketName: 'Gone' }
    const [gone, fine] = await read([foreign, known])
    expect(gone).toMatchObject({ kind: 'unknown', reason: 'decode' })
    expect(gone?.kind === 'unknown' && gone.detail).toContain('Gone')
    expect(fine?.kind).toBe('ok')
  })

  it('reads configured markets while the registry is down', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.makeCallsRevert(chain.addresses.registry)
    expect(await read([refIn(chain, { owner })])).toMatchObject([{ kind: 'ok' }])
    await chain.restoreCode(chain.addresses.registry)
  })
})
