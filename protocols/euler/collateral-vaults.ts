import { z } from 'zod'
import type { Cache } from '../../src/chain/cache.ts'
import { createCachedMany } from '../../src/chain/cached-many.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Tokens } from '../../src/chain/tokens.ts'
import { type Address, shortAddress } from '../../src/domain/address.ts'
import type { Token } from '../../src/domain/detail.ts'
import { vaultAbi } from './abi.ts'
import { decodeAddress, decoded } from './decode.ts'

/** A vault as far as a collateral needs it: it lends nothing, so it may have neither oracle nor unit of account. */
export interface CollateralVault {
  readonly address: Address
  /** Chosen by strangers: never trusted as text. */
  readonly symbol: string
  readonly token: Token
}

/** Those among these addresses that tell their asset, and whose asset tells its decimals, by address. */
export type CollateralVaults = (
  addresses: readonly Address[],
  at: ChainReader,
) => Promise<ReadonlyMap<string, CollateralVault>>

/** Part of the vault's own code. */
const TTL_MS = 90 * 24 * 3600 * 1000
const address = z.custom<Address>((value) => typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value))

export function createCollateralVaults(deps: { cache: Cache; tokens: Tokens }): CollateralVaults {
  const cached = createCachedMany<Address>({
    cache: deps.cache,
    entryOf: (vault) => ({
      key: `euler:asset:${vault}`,
      ttlMs: TTL_MS,
      restore: (stored) => address.safeParse(stored).data,
    }),
  })
  return async (addresses, at) => {
    const assets = await cached(addresses, async (missing) => {
      const data = vaultAbi.encodeFunctionData('asset')
      const results = await at.call(missing.map((vault) => ({ to: vault as Address, data, gas: 30_000 })))
      return new Map(
        missing.flatMap((vault, index) => {
          const asset = decoded(results[index], decodeAddress)
          return asset === null ? [] : [[vault, asset] as const]
        }),
      )
    })
    const tokens = await deps.tokens(
      [...new Set([...assets].flatMap(([vault, asset]) => [vault as Address, asset]))],
      at,
    )
    return new Map(
      [...assets].flatMap(([vault, asset]) => {
        const token = tokens.get(asset)
        const symbol = tokens.get(vault)?.symbol ?? shortAddress(vault)
        return token ? [[vault, { address: vault as Address, symbol, token }] as const] : []
      }),
    )
  }
}
