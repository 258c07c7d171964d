import { describe, expect, it } from 'vitest'
import type { PositionDetail, WayOut } from '../../src/domain/detail.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import type { MorphoMarketName } from '../chain/morpho/addresses.ts'
import { logsOf } from './log-kit.ts'
import { morphoOf, morphoRef } from './morpho-kit.ts'
import { type Bench, useBench } from './neverland-kit.ts'

const WAD = 10n ** 18n
const DAY = 86_400

let chain: LocalChain
let bench: Bench

useBench((ready) => {
  chain = ready.chain
  bench = ready.bench
})

interface Where {
  readonly owner: string
  readonly market: MorphoMarketName
}

async function inspect(where: Where): Promise<PositionDetail> {
  const result = await bench.at((at) => morphoOf(chain).inspect(morphoRef(chain, where), at))
  if (result.kind !== 'ok') throw new Error(`not inspected: ${result.kind}`)
  return result.detail
}

async function waysOut(where: Where, targetWad: bigint): Promise<readonly WayOut[]> {
  const ref = morphoRef(chain, where)
  const result = await bench.at((at) => morphoOf(chain).rescue({ ref, targetWad }, at))
  if (result.kind !== 'ok') throw new Error(`not computed: ${result.kind}`)
  return result.ways
}

async function healthNow(where: Where): Promise<bigint> {
  const { health } = await inspect(where)
  if (health.noDebt) throw new Error('no debt left')
  return health.healthWad
}

const LOANS: readonly { market: MorphoMarketName; collateral: string; borrow: string }[] = [
  { market: 'WMON-USDC', collateral: '1000', borrow: '3000' },
  { market: 'WMON-USDC', collateral: '0.5', borrow: '1.6' },
  { market: 'WBTC-USDC', collateral: '2', borrow: '95000' },
  { market: 'USDC-WMON', collateral: '10000', borrow: '1800' },
  { market: 'sMON-WMON', collateral: '300', borrow: '280' },
]

describe('doing what Buoy says', () => {
  it.each(LOANS)(
    'brings a $market loan of $borrow to the target, by repaying and by adding',
    async (loan) => {
      const { market } = loan
      const targetWad = (130n * WAD) / 100n
      const kinds = ['repay', 'add-collateral'] as const
      for (const kind of kinds) {
        const owner = await chain.openMorphoPosition(loan)
        const where = { owner, market }
        await chain.accrueTime(20 * DAY)
        const way = (await waysOut(where, targetWad)).find((one) => one.kind === kind)
        expect(way).toMatchObject({ kind, reachesTarget: true })
        if (!way) continue
        if (kind === 'repay') await chain.repayMorpho({ ...where, amount: way.amountRaw })
        else await chain.supplyMorphoCollateral({ ...where, amount: way.amountRaw })
        const after = await healthNow(where)
        // A block or two of interest have passed since; a thousandth is what the promise allows.
        expect(after).toBeGreaterThan((targetWad * 9_990n) / 10_000n)
        expect(after).toBeLessThan((targetWad * 10_010n) / 10_000n)
        expect(way.healthAfterWad).toBeGreaterThanOrEqual(targetWad)
        expect(way.healthAfterWad).toBeLessThan((targetWad * 10_010n) / 10_000n)
      }
    },
  )

  it('offers nothing where the target is reached or where there is no debt', async () => {
    const market = 'WMON-USDC'
    const owner = await chain.openMorphoPosition({ market, collateral: '1000', borrow: '100' })
    expect(await waysOut({ owner, market }, 2n * WAD)).toEqual([])
    const depositor = await chain.openMorphoPosition({ market, collateral: '1' })
    expect(await waysOut({ owner: depositor, market }, 2n * WAD)).toEqual([])
  })

  it('says what the wallet holds of each token', async () => {
    const market = 'WMON-USDC'
    const owner = await chain.openMorphoPosition({ market, collateral: '10', borrow: '30' })
    const ways = await waysOut({ owner, market }, 2n * WAD)
    // What was borrowed is still in the wallet; the collateral is not.
    expect(ways.map(({ kind, walletRaw, token }) => [kind, token.symbol, walletRaw])).toEqual([
      ['repay', 'USDC', 30_000_000n],
      ['add-collateral', 'WMON', 0n],
    ])
  })

  it('offers to pay the whole debt off when the collateral is worth nothing', async () => {
    const market = 'WMON-USDC'
    const owner = await chain.openMorphoPosition({ market, collateral: '10', borrow: '30' })
    await chain.setMorphoPriceRaw({ market, priceRaw: 1n })
    const ways = await waysOut({ owner, market }, (11n * WAD) / 10n)
    expect(ways.find(({ kind }) => kind === 'repay')).toMatchObject({
      healthAfterWad: null,
      reachesTarget: true,
    })
  })
})

describe('the detail of a loan', () => {
  it('names tokens, amounts, prices, the rate and the price at which it can be liquidated', async () => {
    const market = 'WMON-USDC'
    const owner = await chain.openMorphoPosition({ market, collateral: '1000', borrow: '3000' })
    const detail = await inspect({ owner, market })
    const [collateral] = detail.collateral
    const [debt] = detail.debt
    expect(collateral).toMatchObject({
      token: { symbol: 'WMON', decimals: 18 },
      amountRaw: 1000n * WAD,
      value: { amount: 4_000_000_000n, decimals: 6 },
      price: { amount: 4n * 10n ** 24n, decimals: 24, unit: 'other:USDC' },
      thresholdWad: (86n * WAD) / 100n,
      secures: true,
    })
    expect(debt).toMatchObject({ token: { symbol: 'USDC', decimals: 6 } })
    expect(debt?.yearlyRateWad).toBeGreaterThan(0n)
    // 3000 of debt on 1000 tokens at 86 %: $3.488.
    const line = collateral?.liquidationPrice?.amount ?? 0n
    expect(line / 10n ** 21n).toBe(3488n)
    expect(detail).toMatchObject({ exact: true, unit: 'other:USDC', mode: null })
    expect(detail.url).toContain(detail.ref.market)
  })

  it('tells that a pre-liquidation contract may act, once it is authorised and only while it is', async () => {
    const market = 'WMON-USDC'
    const owner = await chain.openMorphoPosition({ market, collateral: '1000', borrow: '2000' })
    const strategy = morphoOf(chain)
    const { address } = await chain.createPreLiquidation({ market, preLltv: '0.8' })
    const ref = morphoRef(chain, { owner, market })
    async function notes(): Promise<string> {
      const result = await bench.at((at) => strategy.inspect(ref, at))
      return result.kind === 'ok' ? result.detail.notes.join(' ') : result.kind
    }
    for (const log of await logsOf(chain, { address: chain.addresses.morpho.preLiquidationFactory }))
      strategy.logs.decode(log)
    expect(await notes()).not.toContain('pre-liquidation')
    await chain.morphoAuthorize({ owner, authorized: address, on: true })
    // 0.86 / 0.8 = 1.075, rounded up.
    expect(await notes()).toContain(
      'authorised pre-liquidation: part of the collateral can be sold from health 1.08 on',
    )
    await chain.morphoAuthorize({ owner, authorized: address, on: false })
    expect(await notes()).not.toContain('pre-liquidation')
  })
})
