import { MarketUtils } from '@morpho-org/blue-sdk'
import { AbiCoder, Interface, keccak256 } from 'ethers'
import { describe, expect, it } from 'vitest'
import type { OkReading, PositionRef, Reading } from '../../src/domain/position.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import type { MorphoMarketName } from '../chain/morpho/addresses.ts'
import { morphoOf, morphoRef } from './morpho-kit.ts'
import { type Bench, useBench } from './neverland-kit.ts'
import { createRandom, type Random } from './random.ts'

const MARKETS: readonly MorphoMarketName[] = ['WMON-USDC', 'WBTC-USDC', 'USDC-WMON', 'sMON-WMON']
const POSITIONS = 1_000
const DAY = 86_400

let chain: LocalChain
let bench: Bench

useBench((ready) => {
  chain = ready.chain
  bench = ready.bench
})

function readAll(refs: readonly PositionRef[]): Promise<Reading[]> {
  return bench.at((at) => morphoOf(chain).read(refs, at))
}

async function read(where: { owner: string; market: MorphoMarketName }): Promise<Reading | undefined> {
  const [reading] = await readAll([morphoRef(chain, where)])
  return reading
}

interface Opened {
  readonly owner: string
  readonly market: MorphoMarketName
}

/** Loans from almost nothing to almost everything that the price allows. */
async function openRandom(count: number, random: Random): Promise<Opened[]> {
  const plans = await Promise.all(
    Array.from({ length: count }, async () => {
      const market = random.pick(MARKETS)
      const { lltv, collateralDecimals } = chain.addresses.morpho.markets[market]
      const price = await chain.morphoPriceRaw(market)
      // From a thousandth of a token to one.
      const collateral = random.bigint(
        10n ** BigInt(collateralDecimals - 3),
        10n ** BigInt(collateralDecimals),
      )
      const most = (((collateral * price) / 10n ** 36n) * lltv) / 10n ** 18n
      const borrow = random.chance(0.1) ? 0n : random.bigint(most / 50n, (most * 995n) / 1000n)
      return { market, collateral, borrow }
    }),
  )
  const owners = await chain.openMorphoPositions(plans)
  return owners.map((owner, index) => ({ owner, market: plans[index]?.market ?? 'WMON-USDC' }))
}

/** Time passes and prices move, each market its own way. */
async function shake(random: Random): Promise<void> {
  await chain.accrueTime(Number(random.bigint(1n, BigInt(40 * DAY))))
  for (const market of MARKETS) {
    const price = await chain.morphoPriceRaw(market)
    await chain.setMorphoPriceRaw({ market, priceRaw: (price * random.bigint(600n, 1_100n)) / 1_000n })
  }
}

describe('reading Morpho', () => {
  it(`equals the contract's state and Morpho's own library for ${POSITIONS} random positions after time and price moves`, async () => {
    const random = createRandom(20_261)
    const opened = await openRandom(POSITIONS, random)
    const liquidatable = { yes: 0, no: 0 }
    for (let round = 0; round < 2; round += 1) {
      await shake(random)
      const readings = await readAll(opened.map((where) => morphoRef(chain, where)))
      const states = new Map(
        await Promise.all(
          MARKETS.map(async (market) => {
            const [state, price] = await Promise.all([
              chain.morphoAccruedMarket(market),
              chain.morphoPriceRaw(market),
            ])
            return [market, { ...state, price }] as const
          }),
        ),
      )
      for (const [index, where] of opened.entries()) {
        const reading = readings[index]
        expect(reading?.kind).toBe('ok')
        if (reading?.kind !== 'ok') continue
        const position = await chain.morphoPosition(where)
        const state = states.get(where.market)
        if (!state) throw new Error('a market without a state')
        const { lltv } = chain.addresses.morpho.markets[where.market]
        if (position.borrowShares === 0n) {
          expect(reading.health).toEqual({ noDebt: true })
          expect(reading.collateral.amount).toBe(position.collateral)
          continue
        }
        expect(reading.debt.amount).toBe(MarketUtils.toBorrowAssets(position.borrowShares, state))
        expect(reading.collateral.amount).toBe(MarketUtils.getCollateralValue(position.collateral, state))
        expect(reading.health).toEqual({
          noDebt: false,
          healthWad: MarketUtils.getHealthFactor(position, state, { lltv }),
          liquidatable: !MarketUtils.isHealthy(position, state, { lltv }),
        })
        liquidatable[!reading.health.noDebt && reading.health.liquidatable ? 'yes' : 'no'] += 1
      }
    }
    // Both sides of the line were really there.
    expect(liquidatable.yes).toBeGreaterThan(100)
    expect(liquidatable.no).toBeGreaterThan(100)
  }, 180_000)

  it(`agrees with the contract's accept or refuse of a liquidation at the very price where it turns, for ${POSITIONS} positions`, async () => {
    const random = createRandom(20_262)
    const opened = await openRandom(POSITIONS + 150, random)
    await chain.accrueTime(30 * DAY)
    const strategy = morphoOf(chain)
    let checked = 0
    async function check(where: Opened): Promise<void> {
      const inspection = await bench.at((at) => strategy.inspect(morphoRef(chain, where), at))
      if (inspection.kind !== 'ok') throw new Error('a position that cannot be inspected')
      const price = inspection.detail.collateral[0]?.liquidationPrice?.amount
      if (price === undefined) {
        expect(inspection.detail.health).toEqual({ noDebt: true })
        return
      }
      expect(await liquidationAt(where, price)).toBe('accepted')
      expect(await liquidationAt(where, price + 1n)).toBe('refused')
      checked += 1
    }
    for (let start = 0; start < opened.length; start += 10) {
      await Promise.all(opened.slice(start, start + 10).map(check))
    }
    expect(checked).toBeGreaterThanOrEqual(POSITIONS)
  }, 300_000)
})

const LIQUIDATE = new Interface([
  'function liquidate((address loanToken, address collateralToken, address oracle, address irm, uint256 lltv) marketParams, address borrower, uint256 seizedAssets, uint256 repaidShares, bytes data) returns (uint256, uint256)',
])

/** Whether the real contract would let one share be liquidated if the oracle said this price. Nothing is mined. */
async function liquidationAt({ owner, market }: Opened, priceRaw: bigint): Promise<'accepted' | 'refused'> {
  const { morpho } = chain.addresses
  const { loanToken, collateralToken, oracle, irm, lltv } = morpho.markets[market]
  const liquidator = '0x00000000000000000000000000000000000a11ce'
  const data = LIQUIDATE.encodeFunctionData('liquidate', [
    [loanToken, collateralToken, oracle, irm, lltv],
    owner,
    0n,
    1n,
    '0x',
  ])
  const overrides = {
    [oracle]: { stateDiff: { [word(0n)]: word(priceRaw) } },
    ...purse(loanToken, liquidator),
  }
  try {
    await chain.rpc.send('eth_call', [{ from: liquidator, to: morpho.address, data }, 'latest', overrides])
    return 'accepted'
  } catch (error) {
    if (String(error).includes('position is healthy')) return 'refused'
    throw error
  }
}

/** Balance and allowance of the liquidator, where an OpenZeppelin-style token keeps them (slots 0 and 1). */
function purse(token: string, liquidator: string) {
  const { address } = chain.addresses.morpho
  const balance = keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'uint256'], [liquidator, 0n]))
  const owner = keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'uint256'], [liquidator, 1n]))
  const allowance = keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'bytes32'], [address, owner]))
  return { [token]: { stateDiff: { [balance]: word(2n ** 100n), [allowance]: word(2n ** 100n) } } }
}

function word(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`
}

describe('what a reading says', () => {
  it('counts in the loan token and never in dollars', async () => {
    const market = 'WMON-USDC'
    await chain.setMorphoPrice({ market, price: '4' })
    const owner = await chain.openMorphoPosition({ market, collateral: '1000', borrow: '2000' })
    const reading = (await read({ owner, market })) as OkReading
    expect(reading).toMatchObject({
      kind: 'ok',
      unit: 'other:USDC',
      collateral: { amount: 4_000_000_000n, decimals: 6 },
      debt: { decimals: 6 },
    })
    expect(reading.debt.amount).toBeGreaterThanOrEqual(2_000_000_000n)
    expect(reading.block.number).toBeGreaterThan(0)
  })

  it('says unknown(oracle) for a loan whose oracle reverts, and still knows a deposit there', async () => {
    const market = 'WMON-USDC'
    const [borrower = '', depositor = ''] = await chain.openMorphoPositions([
      { market, collateral: '10', borrow: '1' },
      { market, collateral: '5' },
    ])
    const other = await chain.openMorphoPosition({ market: 'WBTC-USDC', collateral: '1', borrow: '10' })
    await chain.failMorphoOracle({ market, failing: true })
    const readings = await readAll([
      morphoRef(chain, { owner: borrower, market }),
      morphoRef(chain, { owner: depositor, market }),
      morphoRef(chain, { owner: other, market: 'WBTC-USDC' }),
    ])
    expect(readings[0]).toEqual({
      kind: 'unknown',
      reason: 'oracle',
      detail: 'the price oracle does not answer',
    })
    expect(readings[1]).toMatchObject({ kind: 'ok', health: { noDebt: true }, unit: 'other:WMON' })
    expect(readings[2]).toMatchObject({ kind: 'ok', health: { noDebt: false } })
  })

  it('follows the contract when the price is zero: everything can be taken', async () => {
    const market = 'WMON-USDC'
    const owner = await chain.openMorphoPosition({ market, collateral: '10', borrow: '1' })
    await chain.setMorphoPriceRaw({ market, priceRaw: 0n })
    expect(await read({ owner, market })).toMatchObject({
      kind: 'ok',
      health: { noDebt: false, healthWad: 0n, liquidatable: true },
    })
    await chain.setMorphoPriceRaw({ market, priceRaw: 2n ** 255n })
    expect(await read({ owner, market })).toMatchObject({ kind: 'unknown', reason: 'oracle' })
  })

  it('says none for an owner without anything, and unknown for a market that does not exist', async () => {
    const market = 'WMON-USDC'
    expect(await read({ owner: chain.newOwner(), market })).toMatchObject({ kind: 'none' })
    const ref = morphoRef(chain, { owner: chain.newOwner(), market })
    const strange = `0x${'ab'.repeat(32)}`
    const [reading] = await readAll([{ ...ref, market: strange, key: `morpho:${strange}:${ref.owner}` }])
    expect(reading).toMatchObject({ kind: 'unknown' })
  })
})
