import { formatUnits } from 'ethers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { PositionDetail } from '../../src/domain/detail.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import type { MarketActs } from '../chain/market-acts.ts'
import { type Bench, createBench, neverlandOf, refIn } from './neverland-kit.ts'
import {
  createChance,
  DOLLAR_MODE,
  MON_MODE,
  openAccounts,
  type RandomAccount,
  randomAccount,
  setUpEModes,
} from './neverland-random.ts'

let chain: LocalChain
let bench: Bench
let acts: MarketActs
let strategy: LendingStrategy

beforeAll(async () => {
  chain = await createLocalChain()
  bench = await createBench(chain)
  acts = await setUpEModes(chain)
  strategy = neverlandOf(chain)
  // Time stands still from here: a second of interest may weigh more than the last digit of a price.
  await chain.rpc.send('anvil_setBlockTimestampInterval', [0])
})
afterAll(async () => {
  await bench.stop()
  await chain.stop()
})

async function inspect(owner: string): Promise<PositionDetail> {
  const inspection = await bench.at((at) => strategy.inspect(refIn(chain, { owner }), at))
  if (inspection.kind !== 'ok') throw new Error(JSON.stringify(inspection))
  return inspection.detail
}

async function open(account: RandomAccount): Promise<string> {
  const [owner = ''] = await openAccounts(chain, { acts, accounts: [account] })
  return owner
}

/** Whether the pool lets anybody liquidate at this price of the asset; everything is undone afterwards. */
async function tryAt(
  price: bigint,
  attempt: { owner: string; detail: PositionDetail; asset: string; market: 'main' | 'isolated' },
): Promise<'accepted' | 'refused'> {
  const { owner, detail, asset, market } = attempt
  const before = await chain.rpc.send('evm_snapshot')
  await chain.setPrice({ asset, market, usd: formatUnits(price, 8) })
  const [largest] = detail.collateral.filter((line) => line.secures && line.token.symbol !== asset)
  const collateral =
    largest?.token.symbol ?? detail.collateral.find((line) => line.secures)?.token.symbol ?? ''
  const [owed] = detail.debt
  const liquidation = {
    owner,
    collateral,
    debt: owed?.token.symbol ?? '',
    amount: (owed?.amountRaw ?? 0n) / 100n + 1n,
  }
  const outcome = await chain.liquidate(liquidation).then(
    () => 'accepted' as const,
    (error: unknown) => {
      // Aave's number for a health that is not below 1.
      if (String(error).endsWith('reverted: 45')) return 'refused' as const
      throw error
    },
  )
  await chain.rpc.send('evm_revert', [before])
  return outcome
}

/** Every price the detail names is tried; resolves to how many there were. */
async function proveEach(owner: string): Promise<number> {
  const detail = await inspect(owner)
  expect(detail.exact).toBe(true)
  let proved = 0
  for (const line of detail.collateral) {
    const price = line.liquidationPrice?.amount
    if (price === undefined || price === 0n) continue
    const byDollarSource = detail.mode === 'Dollars' && line.token.symbol === 'USDC'
    const market = byDollarSource ? ('isolated' as const) : ('main' as const)
    const attempt = { owner, detail, asset: line.token.symbol, market }
    const outcomes = [await tryAt(price, attempt), await tryAt(price + 1n, attempt)]
    expect([line.token.symbol, price, ...outcomes]).toEqual([line.token.symbol, price, 'accepted', 'refused'])
    proved += 1
  }
  return proved
}

describe('at the liquidation price the pool accepts a liquidation, one unit above it refuses,', () => {
  it('for one collateral', async () => {
    const owner = await open({
      mode: 0,
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '2000' }],
    })
    const { collateral } = await inspect(owner)
    // $2000 of debt over 1000 tokens at 75 %: 2.66666666 is below the line, 2.66666667 is not.
    expect(collateral[0]?.liquidationPrice).toEqual({ amount: 266_666_666n, decimals: 8, unit: 'USD' })
    expect(await proveEach(owner)).toBe(1)
  })

  it('for each of several collaterals with thresholds that differ', async () => {
    const owner = await open({
      mode: 0,
      supply: [
        { asset: 'WMON', amount: '1000' },
        { asset: 'sMON', amount: '700' },
        { asset: 'WBTC', amount: '0.05' },
      ],
      borrow: [
        { asset: 'USDC', amount: '5200' },
        { asset: 'WBTC', amount: '0.005' },
      ],
    })
    expect(await proveEach(owner)).toBeGreaterThanOrEqual(2)
  })

  it('for a collateral that is borrowed as well', async () => {
    const owner = await open({
      mode: 0,
      supply: [
        { asset: 'WMON', amount: '1000' },
        { asset: 'USDC', amount: '300' },
      ],
      borrow: [
        { asset: 'WMON', amount: '120' },
        { asset: 'USDC', amount: '2000' },
      ],
    })
    expect(await proveEach(owner)).toBeGreaterThanOrEqual(1)
  })

  it('in an e-mode', async () => {
    const owner = await open({
      mode: MON_MODE,
      supply: [
        { asset: 'sMON', amount: '1000' },
        { asset: 'USDC', amount: '150' },
      ],
      borrow: [{ asset: 'WMON', amount: '900' }],
    })
    expect((await inspect(owner)).collateral[0]?.thresholdWad).toBe(93n * 10n ** 16n)
    expect(await proveEach(owner)).toBeGreaterThanOrEqual(1)
  })

  it('in an e-mode whose price source moves collateral and debt at once', async () => {
    const owner = await open({
      mode: DOLLAR_MODE,
      supply: [
        { asset: 'USDC', amount: '1000' },
        { asset: 'WMON', amount: '100' },
      ],
      borrow: [{ asset: 'USDC', amount: '1100' }],
    })
    expect(await proveEach(owner)).toBe(1)
  })

  it('for random accounts', async () => {
    const chance = createChance(20_261_124)
    const accounts: RandomAccount[] = []
    while (accounts.length < 60) {
      const account = randomAccount(chance)
      // A debt below a cent liquidates like any other, but a hundredth of it may round to nothing.
      const worth = (account.borrow ?? []).map(({ amount }) => Number(amount))
      if (worth.length > 0 && (account.supply ?? []).length > 1 && Math.min(...worth) > 0.01)
        accounts.push(account)
    }
    const owners = await openAccounts(chain, { acts, accounts })
    let proved = 0
    for (const owner of owners) proved += await proveEach(owner)
    expect(proved).toBeGreaterThan(30)
  }, 120_000)
})
