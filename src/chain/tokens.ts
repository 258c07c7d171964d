import { AbiCoder, decodeBytes32String, Interface } from 'ethers'
import { z } from 'zod'
import type { Address } from '../domain/address.ts'
import type { Token } from '../domain/detail.ts'
import { wordOf } from './answers.ts'
import type { Cache } from './cache.ts'
import { createCachedMany } from './cached-many.ts'
import type { CallResult, ChainReader } from './chain-reader.ts'

const tokenAbi = new Interface([
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
  'function balanceOf(address) view returns (uint256)',
])
const SYMBOL = tokenAbi.encodeFunctionData('symbol')
const DECIMALS = tokenAbi.encodeFunctionData('decimals')

/** They never change for a token that is what it says. */
const TTL_MS = 30 * 24 * 3600 * 1000
const MAX_SYMBOL = 64
const MAX_DECIMALS = 77n

const restored = z.object({
  address: z.custom<Address>((value) => typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value)),
  symbol: z.string().max(MAX_SYMBOL),
  decimals: z.int().min(0).max(Number(MAX_DECIMALS)),
})

/** Reads tokens as they describe themselves. One that does not tell its decimals is left out of the answer. */
export type Tokens = (addresses: readonly Address[], at: ChainReader) => Promise<ReadonlyMap<string, Token>>

export function createTokens({ cache }: { cache: Cache }): Tokens {
  const cached = createCachedMany<Token>({
    cache,
    entryOf: (address) => ({
      key: `token:${address}`,
      ttlMs: TTL_MS,
      restore: (stored) => restored.safeParse(stored).data,
    }),
  })
  return (addresses, at) =>
    cached(addresses, async (missing) => {
      const results = await at.call(
        missing.flatMap((address) => [SYMBOL, DECIMALS].map((data) => ({ to: address as Address, data }))),
      )
      const tokens = new Map<string, Token>()
      missing.forEach((address, index) => {
        const decimals = decimalsOf(results[index * 2 + 1])
        if (decimals === null) return
        const symbol = symbolOf(results[index * 2]) ?? `${address.slice(0, 6)}…${address.slice(-4)}`
        tokens.set(address, { address: address as Address, symbol, decimals })
      })
      return tokens
    })
}

/** What an owner holds of each token, in its smallest unit; `null` where the token does not say. */
export async function balancesOf(
  tokens: readonly Pick<Token, 'address'>[],
  { owner, at }: { owner: Address; at: ChainReader },
): Promise<(bigint | null)[]> {
  const data = tokenAbi.encodeFunctionData('balanceOf', [owner])
  const results = await at.call(tokens.map(({ address: to }) => ({ to, data })))
  return results.map(wordOf)
}

function decimalsOf(result: CallResult | undefined): number | null {
  const decimals = wordOf(result)
  return decimals !== null && decimals <= MAX_DECIMALS ? Number(decimals) : null
}

/** The answer of `symbol()`: a string, or the 32 bytes of the first tokens; `null` for anything else. */
export function symbolOf(result: CallResult | undefined): string | null {
  if (!result?.ok) return null
  try {
    const symbol =
      result.data.length === 66
        ? decodeBytes32String(result.data)
        : (AbiCoder.defaultAbiCoder().decode(['string'], result.data)[0] as string)
    const short = symbol.replaceAll('\0', '').slice(0, MAX_SYMBOL)
    return short.trim() === '' ? null : short
  } catch {
    // Whatever is not text in one of the two forms has no name worth showing.
    return null
  }
}
