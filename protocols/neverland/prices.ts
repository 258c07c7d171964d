import type { Call, ChainReader } from '../../src/chain/chain-reader.ts'
import { encodeAddressCall } from '../../src/chain/words.ts'
import type { Address } from '../../src/domain/address.ts'
import { oracleAbi, tokenAbi } from './abi.ts'
import { wordOf } from './words-of.ts'

/** What one whole token costs in base currency; an asset whose price does not answer is missing. */
export type Prices = ReadonlyMap<Address, bigint>

const GET_ASSET_PRICE = oracleAbi.getFunction('getAssetPrice')?.selector as `0x${string}`
const BALANCE_OF = tokenAbi.getFunction('balanceOf')?.selector as `0x${string}`

/** One by one and not as a list: one failing source must not hide the others. */
export async function readPrices(
  context: { oracle: Address; assets: readonly Address[] },
  at: ChainReader,
): Promise<Prices> {
  const { oracle, assets } = context
  const results = await at.call(
    assets.map((asset) => ({ to: oracle, data: encodeAddressCall(GET_ASSET_PRICE, asset) })),
  )
  const prices = new Map<Address, bigint>()
  assets.forEach((asset, index) => {
    const price = wordOf(results[index])
    if (price !== undefined) prices.set(asset, price)
  })
  return prices
}

export function balanceCall(token: Address, owner: Address): Call {
  return { to: token, data: encodeAddressCall(BALANCE_OF, owner) }
}
