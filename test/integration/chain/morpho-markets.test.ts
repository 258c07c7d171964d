import { AbiCoder, Interface, keccak256, ZeroAddress } from 'ethers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readContract } from '../../chain/contract-call.ts'
import { createLocalChain, type LocalChain } from '../../chain/local-chain.ts'
import { MORPHO_ABI, PRE_LIQUIDATION_FACTORY_ABI, TEST_ORACLE_ABI } from '../../chain/morpho/abis.ts'
import type { MorphoMarketName } from '../../chain/morpho/addresses.ts'

const MARKETS: readonly MorphoMarketName[] = ['WMON-USDC', 'WBTC-USDC', 'USDC-WMON', 'sMON-WMON']
const PRE_LIQUIDATION_ABI = new Interface([
  'function ID() view returns (bytes32)',
  'function MORPHO() view returns (address)',
  'function marketParams() view returns ((address loanToken, address collateralToken, address oracle, address irm, uint256 lltv))',
  'function preLiquidationParams() view returns ((uint256 preLltv, uint256 preLCF1, uint256 preLCF2, uint256 preLIF1, uint256 preLIF2, address preLiquidationOracle))',
])

let chain: LocalChain
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
}, 120_000)

afterAll(() => chain.stop())

beforeEach(async () => {
  snapshot = await chain.snapshot()
})

afterEach(() => chain.revert(snapshot))

function call(method: string, args: readonly unknown[]) {
  return readContract(chain.rpc, { to: chain.addresses.morpho.address, abi: MORPHO_ABI, method, args })
}

describe('the Morpho markets', () => {
  it.each(MARKETS)('%s is known to the contract under the hash of its parameters', async (name) => {
    const market = chain.addresses.morpho.markets[name]
    const params = [market.loanToken, market.collateralToken, market.oracle, market.irm, market.lltv]
    const types = ['address', 'address', 'address', 'address', 'uint256']
    expect(market.id).toBe(keccak256(AbiCoder.defaultAbiCoder().encode(types, params)))
    expect((await call('idToMarketParams', [market.id])).toArray()).toEqual(params)
    expect((await chain.morphoMarket(name)).totalSupplyAssets).toBeGreaterThan(0n)
  })

  it('share their tokens with the other protocol and cover 6, 8 and 18 decimals', () => {
    const { markets, morpho } = chain.addresses
    const { reserves } = markets.main
    expect(morpho.markets['WBTC-USDC']).toMatchObject({
      collateralToken: reserves['WBTC']?.token,
      loanToken: reserves['USDC']?.token,
      collateralDecimals: 8,
      loanDecimals: 6,
    })
    expect(morpho.markets['USDC-WMON']).toMatchObject({ collateralDecimals: 6, loanDecimals: 18 })
  })

  it('have one without interest, one with a fee and one that nobody can borrow from', async () => {
    const { markets, idleMarket } = chain.addresses.morpho
    expect(markets['sMON-WMON'].irm).toBe(ZeroAddress)
    expect((await chain.morphoMarket('WBTC-USDC')).fee).toBe(10n ** 17n)
    const idle = [idleMarket.loanToken, ZeroAddress, ZeroAddress, ZeroAddress, 0n]
    expect((await call('idToMarketParams', [idleMarket.id])).toArray()).toEqual(idle)
  })
})

describe('the oracle of a Morpho market', () => {
  it('takes a price of whole tokens into account for the decimals of both', async () => {
    expect(await chain.morphoPriceRaw('WMON-USDC')).toBe(4n * 10n ** 24n)
    expect(await chain.morphoPriceRaw('WBTC-USDC')).toBe(60_000n * 10n ** 34n)
    expect(await chain.morphoPriceRaw('USDC-WMON')).toBe(25n * 10n ** 46n)
    await chain.setMorphoPrice({ market: 'WMON-USDC', price: '2.5' })
    expect(await chain.morphoPriceRaw('WMON-USDC')).toBe(25n * 10n ** 23n)
    await chain.setMorphoPriceRaw({ market: 'WMON-USDC', priceRaw: 7n })
    expect(await chain.morphoPriceRaw('WMON-USDC')).toBe(7n)
  })

  it('reverts while it fails, and alone', async () => {
    const price = (market: MorphoMarketName) => {
      const to = chain.addresses.morpho.markets[market].oracle
      return readContract(chain.rpc, { to, abi: TEST_ORACLE_ABI, method: 'price' })
    }
    await chain.failMorphoOracle({ market: 'WMON-USDC', failing: true })
    await expect(price('WMON-USDC')).rejects.toThrow('revert')
    expect((await price('WBTC-USDC')).toArray()).toEqual([60_000n * 10n ** 34n])
    const loan = { market: 'WMON-USDC', collateral: '1000', borrow: '1' } as const
    await expect(chain.openMorphoPosition(loan)).rejects.toThrow('borrow reverted')
    await chain.failMorphoOracle({ market: 'WMON-USDC', failing: false })
    expect((await price('WMON-USDC')).toArray()).toEqual([4n * 10n ** 24n])
  })
})

describe('the double of a pre-liquidation contract', () => {
  it('is known to its factory and tells its market and parameters', async () => {
    const made = await chain.createPreLiquidation({ market: 'WMON-USDC', preLltv: '0.8' })
    const { preLiquidationFactory, address, markets } = chain.addresses.morpho
    const market = markets['WMON-USDC']
    const isKnown = (target: string) =>
      readContract(chain.rpc, {
        to: preLiquidationFactory,
        abi: PRE_LIQUIDATION_FACTORY_ABI,
        method: 'isPreLiquidation',
        args: [target],
      })
    expect((await isKnown(made.address)).toArray()).toEqual([true])
    expect((await isKnown(chain.newOwner())).toArray()).toEqual([false])
    const ask = async (method: string) =>
      (await readContract(chain.rpc, { to: made.address, abi: PRE_LIQUIDATION_ABI, method })).toArray(
        true,
      ) as unknown[]
    expect(await ask('ID')).toEqual([market.id])
    expect(await ask('MORPHO')).toEqual([address])
    expect(await ask('marketParams')).toEqual([
      [market.loanToken, market.collateralToken, market.oracle, market.irm, market.lltv],
    ])
    expect(await ask('preLiquidationParams')).toEqual([
      [
        8n * 10n ** 17n,
        5n * 10n ** 16n,
        35n * 10n ** 16n,
        101n * 10n ** 16n,
        104n * 10n ** 16n,
        market.oracle,
      ],
    ])
    expect(chain.preLiquidations()).toContainEqual(made)
  })

  it('can be authorised by an owner, and the authorisation ended', async () => {
    const { address: authorized } = await chain.createPreLiquidation({ market: 'WBTC-USDC', preLltv: '0.7' })
    const owner = chain.newOwner()
    await chain.morphoAuthorize({ owner, authorized, on: true })
    expect((await call('isAuthorized', [owner, authorized])).toArray()).toEqual([true])
    await chain.morphoAuthorize({ owner, authorized, on: false })
    expect((await call('isAuthorized', [owner, authorized])).toArray()).toEqual([false])
  })
})
