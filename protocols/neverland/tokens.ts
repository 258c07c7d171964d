import { decodeBytes32String } from 'ethers'
import type { Call, CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import { type Address, shortAddress } from '../../src/domain/address.ts'
import type { Token } from '../../src/domain/detail.ts'
import { tokenAbi } from './abi.ts'
import { decodeFirst } from './markets.ts'
import { wordOf } from './words-of.ts'

/** Symbol and decimals never change, so they are asked for once. */
export type Tokens = (addresses: readonly Address[], at: ChainReader) => Promise<ReadonlyMap<Address, Token>>

const MAX_REMEMBERED = 1_000
const MAX_SYMBOL = 32
/** 10^77 is the largest power of ten in 256 bits. */
const MAX_DECIMALS = 77n
const SYMBOL = tokenAbi.encodeFunctionData('symbol')
const DECIMALS = tokenAbi.encodeFunctionData('decimals')

/** Token facts with a bounded memory. A token that does not tell its decimals is missing from the answer and not remembered. */
export function createTokens(): Tokens {
  const remembered = new Map<Address, Token>()

  return async (addresses, at) => {
    const wanted = [...new Set(addresses)]
    const missing = wanted.filter((address) => !remembered.has(address))
    const calls: Call[] = missing.flatMap((to) => [
      { to, data: SYMBOL, gas: 30_000 },
      { to, data: DECIMALS, gas: 30_000 },
    ])
    const results = missing.length > 0 ? await at.call(calls) : []
    const found = new Map<Address, Token>()
    for (const address of wanted) {
      const known = remembered.get(address)
      if (known) found.set(address, known)
    }
    missing.forEach((address, index) => {
      const decimals = wordOf(results[index * 2 + 1])
      if (decimals === undefined || decimals > MAX_DECIMALS) return
      const told = symbolOf(results[index * 2])
      found.set(address, { address, symbol: told ?? shortAddress(address), decimals: Number(decimals) })
      const token = found.get(address)
      if (token && told !== undefined && remembered.size < MAX_REMEMBERED) remembered.set(address, token)
    })
    return found
  }
}

/** A symbol as text, or as 32 bytes as old tokens give it. */
export function symbolOf(result: CallResult | undefined): string | undefined {
  const text = decodeFirst(tokenAbi, { name: 'symbol', result }) ?? fromBytes32(result)
  if (typeof text !== 'string') return undefined
  const shown = text.trim().slice(0, MAX_SYMBOL)
  return shown === '' ? undefined : shown
}

function fromBytes32(result: CallResult | undefined): string | undefined {
  if (!result?.ok || !/^0x[0-9a-f]{64}$/i.test(result.data)) return undefined
  try {
    return decodeBytes32String(result.data)
  } catch {
    // No closing zero or no UTF-8: then it is no symbol.
    return undefined
  }
}
