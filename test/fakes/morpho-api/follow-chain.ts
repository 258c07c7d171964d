import { AbiCoder, Interface, keccak256, ZeroAddress } from 'ethers'
import type { LocalChain } from '../../chain/local-chain.ts'
import type { MorphoMarketName } from '../../chain/morpho/addresses.ts'
import type { PreLiquidation } from '../../chain/morpho/pre-liquidations.ts'
import type { ApiAsset, ApiData, ApiMarket, ApiPosition, ApiSource } from './data.ts'

/** As much of the local chain as is looked at. */
export type FollowedChain = Pick<
  LocalChain,
  'rpc' | 'addresses' | 'price' | 'morphoHolders' | 'morphoAccruedMarket' | 'preLiquidations'
>

export interface FollowOptions {
  /** Markets that the API knows but does not list. */
  unlisted?: readonly MorphoMarketName[]
}

interface Holding {
  market: MorphoMarketName
  owner: string
  collateral: bigint
  borrowShares: bigint
  supplyShares: bigint
}

const NAMES: readonly MorphoMarketName[] = ['WMON-USDC', 'WBTC-USDC', 'USDC-WMON', 'sMON-WMON']
const WAD = 10n ** 18n
const PRICE_SCALE = 10n ** 36n
const VIEWS = new Interface([
  'function extSloads(bytes32[] slots) view returns (bytes32[])',
  'function price() view returns (uint256)',
])
// Where Morpho keeps its positions.
const POSITION_SLOT = 2n

/** A source that reads the chain again whenever its head has moved. */
export function followedBy(chain: FollowedChain, options: FollowOptions): ApiSource {
  let seen: { head: string; data: Promise<ApiData> } | undefined
  return async () => {
    const { hash } = (await chain.rpc.send('eth_getBlockByNumber', ['latest', false])) as { hash: string }
    // Holders and pre-liquidations only ever grow, and are not always mined one by one.
    const head = [hash, chain.morphoHolders().length, chain.preLiquidations().length].join()
    if (seen?.head !== head) seen = { head, data: readMorphoData(chain, options) }
    return await seen.data
  }
}

/** What an indexer would know of Morpho on the chain now. */
export async function readMorphoData(chain: FollowedChain, options: FollowOptions = {}): Promise<ApiData> {
  const [assets, holdings, healths, preLiquidations] = await Promise.all([
    readAssets(chain),
    readHoldings(chain),
    readHealths(chain),
    readPreLiquidations(chain),
  ])
  const positions = holdings.map(({ market, owner, ...amounts }): ApiPosition => {
    const marketId = chain.addresses.morpho.markets[market].id
    return { marketId, user: owner, ...amounts, healthFactor: healths[market](amounts) }
  })
  return {
    markets: [...namedMarkets({ chain, assets, preLiquidations, options }), idleMarket(chain, assets)],
    positions,
  }
}

type Assets = Map<string, ApiAsset>

async function readAssets({ addresses, price }: FollowedChain): Promise<Assets> {
  const entries = Object.entries(addresses.markets.main.reserves).map(
    async ([symbol, { token, decimals }]): Promise<[string, ApiAsset]> => {
      const priceUsd = await price(symbol, 'main').then(
        (base) => Number(base) / 1e8,
        // The feed fails: the API has no price then.
        () => null,
      )
      return [symbol, { address: token, symbol, decimals, priceUsd }]
    },
  )
  return new Map(await Promise.all(entries))
}

function assetOf(assets: Assets, symbol: string): ApiAsset {
  const asset = assets.get(symbol)
  if (asset === undefined) throw new Error(`No token ${symbol}`)
  return asset
}

function namedMarkets({
  chain,
  assets,
  preLiquidations,
  options,
}: {
  chain: FollowedChain
  assets: Assets
  preLiquidations: readonly PreLiquidation[]
  options: FollowOptions
}): ApiMarket[] {
  return NAMES.map((name) => {
    const market = chain.addresses.morpho.markets[name]
    return {
      marketId: market.id,
      lltv: market.lltv,
      oracleAddress: market.oracle,
      irmAddress: market.irm,
      listed: options.unlisted?.includes(name) !== true,
      loanAsset: assetOf(assets, market.loanSymbol),
      collateralAsset: assetOf(assets, market.collateralSymbol),
      preLiquidations: preLiquidations.filter((one) => one.market === name),
    }
  })
}

function idleMarket({ addresses }: FollowedChain, assets: Assets): ApiMarket {
  const { id, loanSymbol } = addresses.morpho.idleMarket
  const none = { lltv: 0n, oracleAddress: ZeroAddress, irmAddress: ZeroAddress, collateralAsset: null }
  return { marketId: id, ...none, loanAsset: assetOf(assets, loanSymbol) }
}

/** Without those that a revert undid. */
async function readPreLiquidations({ rpc, preLiquidations }: FollowedChain): Promise<PreLiquidation[]> {
  const created = preLiquidations()
  const codes = await rpc.sendAll(
    created.map(({ address }) => ({ method: 'eth_getCode', params: [address, 'latest'] })),
  )
  return created.filter((_, index) => codes[index] !== '0x')
}

/** All that was opened and is not empty, and the whale's loans to the markets, in one call. */
async function readHoldings({ rpc, addresses, morphoHolders }: FollowedChain): Promise<Holding[]> {
  const { address, markets, lender } = addresses.morpho
  const holders = [...NAMES.map((market) => ({ market, owner: lender })), ...morphoHolders()]
  const slots = holders.flatMap(({ market, owner }) => {
    const first = BigInt(hashOf('address', [owner, hashOf('bytes32', [markets[market].id, POSITION_SLOT])]))
    return [first, first + 1n].map((slot) => `0x${slot.toString(16).padStart(64, '0')}`)
  })
  const data = VIEWS.encodeFunctionData('extSloads', [slots])
  const answer = (await rpc.send('eth_call', [{ to: address, data }, 'latest'])) as string
  const words = VIEWS.decodeFunctionResult('extSloads', answer)[0] as string[]
  const holdings = holders.map((holder, index): Holding => {
    const packed = BigInt(words[2 * index + 1] ?? 0)
    return {
      ...holder,
      supplyShares: BigInt(words[2 * index] ?? 0),
      borrowShares: packed & (2n ** 128n - 1n),
      collateral: packed >> 128n,
    }
  })
  return holdings.filter((one) => one.supplyShares + one.borrowShares + one.collateral > 0n)
}

function hashOf(type: string, [key, value]: [string, string | bigint]): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode([type, 'uint256'], [key, value]))
}

type HealthOf = (amounts: { borrowShares: bigint; collateral: bigint }) => number | null

async function readHealths(chain: FollowedChain): Promise<Record<MorphoMarketName, HealthOf>> {
  const entries = NAMES.map(async (name): Promise<[MorphoMarketName, HealthOf]> => {
    const { oracle, lltv } = chain.addresses.morpho.markets[name]
    const price = await readPrice(chain, oracle)
    if (price === null) return [name, () => null]
    const { totalBorrowAssets, totalBorrowShares } = await chain.morphoAccruedMarket(name)
    const health: HealthOf = ({ borrowShares, collateral }) => {
      if (borrowShares === 0n) return null
      const shares = totalBorrowShares + 1_000_000n
      const debt = (borrowShares * (totalBorrowAssets + 1n) + shares - 1n) / shares
      const most = (((collateral * price) / PRICE_SCALE) * lltv) / WAD
      return Number((most * WAD) / debt) / 1e18
    }
    return [name, health]
  })
  return Object.fromEntries(await Promise.all(entries)) as Record<MorphoMarketName, HealthOf>
}

async function readPrice({ rpc }: FollowedChain, oracle: string): Promise<bigint | null> {
  const data = VIEWS.encodeFunctionData('price')
  return await rpc.send('eth_call', [{ to: oracle, data }, 'latest']).then(
    (answer) => BigInt(answer as string),
    // The oracle fails: the API knows no health then.
    () => null,
  )
}
