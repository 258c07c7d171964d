import type { ChainReader } from '../../src/chain/chain-reader.ts'
import { encodeAddressCall } from '../../src/chain/words.ts'
import type { Address } from '../../src/domain/address.ts'
import { vaultFactoryAbi } from './abi.ts'
import { AAVE_PROVIDER } from './addresses.ts'
import type { Market } from './markets.ts'
import { addressOf, wordOf } from './words-of.ts'

/** Whether an owner has a vault that repays debt from Neverland's revenue. Not knowing counts as no: it is only a hint. */
export type Vaults = (account: { market: Market; owner: Address }, at: ChainReader) => Promise<boolean>

const GET_USER_VAULT = vaultFactoryAbi.getFunction('getUserVault')?.selector as `0x${string}`

export function createVaults(factory: Address): Vaults {
  return async ({ market, owner }, at) => {
    if (market.id === AAVE_PROVIDER) return false
    const [result] = await at.call([{ to: factory, data: encodeAddressCall(GET_USER_VAULT, owner) }])
    const vault = addressOf(wordOf(result))
    return vault !== undefined && BigInt(vault) !== 0n
  }
}
