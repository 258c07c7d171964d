import { AbiCoder, encodeBytes32String } from 'ethers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AAVE_PROVIDER, NEVERLAND_PROVIDERS } from '../../protocols/neverland/addresses.ts'
import type { Inspection } from '../../protocols/strategy.ts'
import type { PositionDetail } from '../../src/domain/detail.ts'
import { TOKEN_ABI } from '../chain/abis.ts'
import { reserveOf } from '../chain/addresses.ts'
import { readBigint } from '../chain/contract-call.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createMarketActs, type MarketActs } from '../chain/market-acts.ts'
import { type Bench, createBench, lower, neverlandOf, refIn } from './neverland-kit.ts'

const WAD = 10n ** 18n
const LOAN = {
  supply: [{ asset: 'WMON', amount: '1000' }],
  borrow: [{ asset: 'USDC', amount: '2000' }],
} as const

let chain: LocalChain
let bench: Bench
let acts: MarketActs
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
  acts = await createMarketActs(chain)
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  bench = await createBench(chain)
})
afterEach(async () => {
  await bench.stop()
  await chain.revert(snapshot)
})

async function ask(owner: string, strategy = neverlandOf(chain)): Promise<Inspection> {
  return await bench.at((at) => strategy.inspect(refIn(chain, { owner }), at))
}

async function inspect(owner: string): Promise<PositionDetail> {
  const inspection = await ask(owner)
  if (inspection.kind !== 'ok') throw new Error(JSON.stringify(inspection))
  return inspection.detail
}

const main = () => chain.addresses.markets.main

describe('the detail of a position', () => {
  it('tells tokens, amounts, values, thresholds, prices and rates as the contracts have them', async () => {
    const owner = await chain.openPosition(LOAN)
    const detail = await inspect(owner)
    const usd = (amount: bigint) => ({ amount, decimals: 8, unit: 'USD' })
    expect(detail).toMatchObject({
      ref: refIn(chain, { owner }),
      health: { noDebt: false, healthWad: (3n * WAD) / 2n, liquidatable: false },
      unit: 'USD',
      exact: true,
      mode: null,
      notes: [],
      url: 'https://app.neverland.money',
      endpoint: new URL(chain.url).host,
    })
    expect(detail.collateral).toMatchObject([
      {
        token: { address: lower(reserveOf(main(), 'WMON').token), symbol: 'WMON', decimals: 18 },
        value: { amount: 400_000_000_000n, decimals: 8 },
        price: usd(400_000_000n),
        secures: true,
        thresholdWad: 75n * 10n ** 16n,
        liquidationPrice: usd(266_666_666n),
      },
    ])
    expect(detail.debt).toMatchObject([
      {
        token: { symbol: 'USDC', decimals: 6 },
        value: { amount: 200_000_000_000n, decimals: 8 },
        price: usd(100_000_000n),
      },
    ])
    for (const [line, part, asset] of [
      [detail.collateral[0], 'aToken', 'WMON'],
      [detail.debt[0], 'variableDebtToken', 'USDC'],
    ] as const) {
      const to = reserveOf(main(), asset)[part]
      const balance = await readBigint(chain.rpc, { to, abi: TOKEN_ABI, method: 'balanceOf', args: [owner] })
      expect(line?.amountRaw).toBe(balance)
    }
  })

  it('tells the yearly rates of a market in use: 4 % at 80 % of use, nine tenths of its share for lenders', async () => {
    const whale = await chain.openPosition({
      supply: [{ asset: 'WBTC', amount: '180' }],
      borrow: [{ asset: 'USDC', amount: '4000000' }],
    })
    const owner = await chain.openPosition({ supply: [{ asset: 'USDC', amount: '100' }] })
    const [rate] = (await inspect(whale)).debt
    // 4,000,000 of 10,000,100: just under 40 % of use, half way to the kink, so just under 2 %.
    const asNumber = (wad: bigint | null | undefined) => Number(wad ?? 0n) / 1e18
    expect(asNumber(rate?.yearlyRateWad)).toBeCloseTo(0.02, 5)
    const [lent] = (await inspect(owner)).collateral
    expect(asNumber(lent?.yearlyRateWad)).toBeCloseTo(0.02 * 0.4 * 0.9, 5)
  })

  it('lists deposits that secure nothing, without a liquidation price', async () => {
    const owner = await chain.openPosition({
      ...LOAN,
      supply: [...LOAN.supply, { asset: 'WBTC', amount: '1' }],
    })
    await acts.useAsCollateral(owner, { asset: 'WBTC', use: false })
    const detail = await inspect(owner)
    expect(detail.exact).toBe(true)
    expect(
      detail.collateral.map(({ token, secures, liquidationPrice }) => [
        token.symbol,
        secures,
        liquidationPrice?.amount,
      ]),
    ).toEqual([
      ['WBTC', false, undefined],
      ['WMON', true, 266_666_666n],
    ])
    // Its price is nobody's business then: a failing one leaves the rest as it is.
    await chain.failOracle({ asset: 'WBTC', failing: true })
    const without = await inspect(owner)
    expect(without.collateral.map(({ token }) => token.symbol)).toEqual(['WMON'])
    expect(without.notes.join(' ')).toContain('price cannot be read')
  })

  it('has no liquidation price for a collateral whose fall alone does no harm', async () => {
    const owner = await chain.openPosition({
      supply: [
        { asset: 'WBTC', amount: '1' },
        { asset: 'WMON', amount: '10' },
      ],
      borrow: [{ asset: 'USDC', amount: '1000' }],
    })
    const [wbtc, wmon] = (await inspect(owner)).collateral
    expect([wbtc?.token.symbol, wbtc?.liquidationPrice === null]).toEqual(['WBTC', false])
    expect([wmon?.token.symbol, wmon?.liquidationPrice]).toEqual(['WMON', null])
  })

  it('is that of a deposit where nothing is owed, and none where nothing is', async () => {
    const supplier = await chain.openPosition({ supply: LOAN.supply })
    const { health, debt, collateral } = await inspect(supplier)
    expect([health, debt, collateral[0]?.liquidationPrice]).toEqual([{ noDebt: true }, [], null])
    expect(await ask(chain.newOwner())).toMatchObject({ kind: 'none' })
  })

  it('is unknown when the price of something that counts does not answer, as a reading is', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.failOracle({ asset: 'WMON', market: 'main', failing: true })
    expect(await ask(owner)).toEqual({
      kind: 'unknown',
      reason: 'oracle',
      detail: 'price oracle of WMON does not answer',
    })
  })
})

describe('notes', () => {
  it('say that nothing secures a debt any more, which reads as health 0 and liquidatable', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.setPrice({ asset: 'WMON', usd: '0.5' })
    await chain.liquidate({ owner, collateral: 'WMON', debt: 'USDC', amount: 'max' })
    const [reading] = await bench.at((at) => neverlandOf(chain).read([refIn(chain, { owner })], at))
    expect(reading).toMatchObject({
      kind: 'ok',
      health: { noDebt: false, healthWad: 0n, liquidatable: true },
      collateral: { amount: 0n },
    })
    const detail = await inspect(owner)
    expect(detail).toMatchObject({
      exact: true,
      health: { healthWad: 0n, liquidatable: true },
      collateral: [],
    })
    expect(detail.notes).toEqual([expect.stringContaining('Bad debt')])
  })

  it('say when a liquidator may take everything at once: at a health of 0.95 and below', async () => {
    const owner = await chain.openPosition({ ...LOAN, borrow: [{ asset: 'USDC', amount: '1500' }] })
    await chain.setPrice({ asset: 'WMON', usd: '1.90000002' })
    expect((await inspect(owner)).notes).toEqual([])
    await chain.setPrice({ asset: 'WMON', usd: '1.9' })
    expect((await inspect(owner)).notes).toEqual([expect.stringContaining('0.95')])
  })

  it('name reserves that are frozen or paused', async () => {
    const owner = await chain.openPosition(LOAN)
    await acts.setFrozen('WMON', true)
    await acts.setPaused('USDC', true)
    const { notes } = await inspect(owner)
    expect(notes).toHaveLength(2)
    expect(notes.join(' ')).toMatch(/WMON is frozen.*USDC is paused/)
  })

  it('say that a debt may shrink by itself where the owner has a vault for that', async () => {
    const owner = await chain.openPosition(LOAN)
    const vaultFactory = lower(chain.newOwner())
    const strategy = neverlandOf(chain, { vaultFactory })
    const notesNow = async () => {
      const found = await ask(owner, strategy)
      return found.kind === 'ok' ? found.detail.notes : [found.kind]
    }
    expect(await notesNow()).toEqual([])
    // A stand-in for the factory: answers every question with address 1.
    await chain.rpc.send('anvil_setCode', [vaultFactory, '0x600160005260206000f3'])
    expect(await notesNow()).toEqual([expect.stringContaining('self-repaying')])
  })
})

describe('tokens', () => {
  const codeThatAnswers = (data: string) => {
    // Copies what follows the code into memory and returns it.
    const size = ((data.length - 2) / 2).toString(16).padStart(4, '0')
    return `0x61${size}600e60003961${size}6000f3${data.slice(2)}`
  }

  it('that do not tell their decimals make the detail unknown, and are asked again', async () => {
    const owner = await chain.openPosition(LOAN)
    const strategy = neverlandOf(chain)
    const { token } = reserveOf(main(), 'WMON')
    await chain.makeCallsRevert(token)
    expect(await ask(owner, strategy)).toMatchObject({ kind: 'unknown', reason: 'decode' })
    await chain.restoreCode(token)
    expect(await ask(owner, strategy)).toMatchObject({ kind: 'ok' })
    // From here on they are known by heart.
    await chain.makeCallsRevert(token)
    expect(await ask(owner, strategy)).toMatchObject({ kind: 'ok' })
    await chain.restoreCode(token)
  })

  it('may give their symbol as 32 bytes', async () => {
    const owner = await chain.openPosition(LOAN)
    const { token } = reserveOf(main(), 'WMON')
    // The same answer to every question: as decimals it is far too large.
    await chain.rpc.send('anvil_setCode', [token, codeThatAnswers(encodeBytes32String('MKR'))])
    expect(await ask(owner)).toMatchObject({ kind: 'unknown' })
    const strategy = neverlandOf(chain)
    const found = await bench.at((at) =>
      strategy.inspect(refIn(chain, { owner }), {
        ...at,
        call: async (calls) => {
          const results = await at.call(calls)
          return results.map((result, index) =>
            calls[index]?.data === '0x313ce567' && calls[index].to === lower(token)
              ? { ok: true, data: AbiCoder.defaultAbiCoder().encode(['uint8'], [18]) }
              : result,
          )
        },
      }),
    )
    expect(found).toMatchObject({
      kind: 'ok',
      detail: { collateral: [{ token: { symbol: 'MKR', decimals: 18 } }] },
    })
  })
})

describe('markets', () => {
  it('hold the official Aave market by default, under its own name', () => {
    expect(NEVERLAND_PROVIDERS).toContain(AAVE_PROVIDER)
    const { contracts } = neverlandOf(chain, { providers: NEVERLAND_PROVIDERS })
    expect(contracts.find(({ address }) => address === AAVE_PROVIDER)?.what).toBe(
      'Aave v3 PoolAddressesProvider',
    )
  })
})
