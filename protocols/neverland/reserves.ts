import type { CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import { encodeAddressCall } from '../../src/chain/words.ts'
import type { Address } from '../../src/domain/address.ts'
import { poolAbi } from './abi.ts'
import { decodeFirst, type Market } from './markets.ts'
import { addressOf, wordsOf } from './words-of.ts'

/** One listed asset of a market, as the pool describes it. */
export interface Reserve {
  readonly asset: Address
  /** Its place in every user's bitmap. */
  readonly id: bigint
  readonly aToken: Address
  /** `null` where the pool has none any more. */
  readonly stableDebtToken: Address | null
  readonly variableDebtToken: Address
  readonly supplyRateRay: bigint
  readonly borrowRateRay: bigint
  readonly thresholdBps: bigint
  /** What the pool counts with, whatever the token says of itself. */
  readonly decimals: number
  readonly eModeCategory: bigint
  /** Most that may be supplied by all together; `null` when there is no limit. */
  readonly supplyCapRaw: bigint | null
  /** What the treasury is owed in deposits that are not minted yet, which count towards the cap. */
  readonly accruedRaw: bigint
  readonly active: boolean
  readonly frozen: boolean
  readonly paused: boolean
}

/** As many as a user's bitmap has room for. */
const MAX_RESERVES = 128n

const GET_RESERVES_LIST = poolAbi.encodeFunctionData('getReservesList')
const GET_RESERVE_DATA = poolAbi.getFunction('getReserveData')?.selector as `0x${string}`
const RESERVE_GAS = 80_000
const RAY = 10n ** 27n

/** The assets a market lists; `undefined` when it does not tell or lists more than it can have. */
export async function listAssets(market: Market, at: ChainReader): Promise<Address[] | undefined> {
  const [result] = await at.call([{ to: market.pool, data: GET_RESERVES_LIST }])
  return decodeAssets(result)
}

export function decodeAssets(result: CallResult | undefined): Address[] | undefined {
  const list = decodeFirst(poolAbi, { name: 'getReservesList', result })
  if (!Array.isArray(list) || BigInt(list.length) > MAX_RESERVES) return undefined
  return list.map((asset) => String(asset).toLowerCase() as Address)
}

/** The reserves of these assets in the same order; `undefined` for one that does not decode. */
export async function readReserves(
  context: { market: Market; assets: readonly Address[] },
  at: ChainReader,
): Promise<(Reserve | undefined)[]> {
  const { market, assets } = context
  const results = await at.call(
    assets.map((asset) => ({
      to: market.pool,
      data: encodeAddressCall(GET_RESERVE_DATA, asset),
      gas: RESERVE_GAS,
    })),
  )
  return assets.map((asset, index) => decodeReserve(asset, results[index]))
}

export function decodeReserve(asset: Address, result: CallResult | undefined): Reserve | undefined {
  const words = wordsOf(result, 15)
  if (!words) return undefined
  const [
    configuration = 0n,
    liquidityIndexRay = 0n,
    supplyRateRay = 0n,
    ,
    borrowRateRay = 0n,
    ,
    ,
    id = MAX_RESERVES,
  ] = words
  const [aToken, stable, variableDebtToken] = words.slice(8, 11).map(addressOf)
  if (id >= MAX_RESERVES || supplyRateRay >> 128n !== 0n || borrowRateRay >> 128n !== 0n) return undefined
  if (!isThere(aToken) || !isThere(variableDebtToken) || stable === undefined) return undefined
  const bits = (from: number, width: bigint): bigint => (configuration >> BigInt(from)) & ((1n << width) - 1n)
  const decimals = bits(48, 8n)
  const supplyCap = bits(116, 36n)
  if (decimals > 77n) return undefined
  return {
    asset,
    id,
    aToken,
    stableDebtToken: isThere(stable) ? stable : null,
    variableDebtToken,
    supplyRateRay,
    borrowRateRay,
    thresholdBps: bits(16, 16n),
    decimals: Number(decimals),
    eModeCategory: bits(168, 8n),
    supplyCapRaw: supplyCap === 0n ? null : supplyCap * 10n ** decimals,
    accruedRaw: ((words[12] ?? 0n) * liquidityIndexRay) / RAY + 1n,
    active: bits(56, 1n) === 1n,
    frozen: bits(57, 1n) === 1n,
    paused: bits(60, 1n) === 1n,
  }
}

function isThere(address: Address | undefined): address is Address {
  return address !== undefined && BigInt(address) !== 0n
}
