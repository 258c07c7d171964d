import { z } from 'zod'
import type { Cache } from '../../src/chain/cache.ts'
import { createCachedMany } from '../../src/chain/cached-many.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Tokens } from '../../src/chain/tokens.ts'
import { type Address, shortAddress } from '../../src/domain/address.ts'
import type { Token } from '../../src/domain/detail.ts'
import type { Unit } from '../../src/domain/position.ts'
import { vaultAbi } from './abi.ts'
import { USD } from './addresses.ts'
import { decodeAddress, decoded } from './decode.ts'

/** What never changes about a vault. */
export interface Vault {
  readonly address: Address
  /** Chosen by strangers: never trusted as text. */
  readonly symbol: string
  readonly asset: Address
  /** `undefined` for an asset that does not tell its decimals. */
  readonly assetToken: Token | undefined
  readonly oracle: Address
  readonly unitOfAccount: Address
  /** What the vault's values are counted in. */
  readonly unit: Unit
  readonly unitDecimals: number
}

/** The vaults among these addresses that answer as vaults do, by address. */
export type Vaults = (addresses: readonly Address[], at: ChainReader) => Promise<ReadonlyMap<string, Vault>>

/** They are part of the vault's own code, so they hold for ever. */
const TTL_MS = 90 * 24 * 3600 * 1000
const GETTERS = (['asset', 'unitOfAccount', 'oracle'] as const).map((name) =>
  vaultAbi.encodeFunctionData(name),
)
const NOBODY = `0x${'0'.repeat(40)}`
const USD_DECIMALS = 18

const address = z.custom<Address>((value) => typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value))
const restored = z.object({ asset: address, unitOfAccount: address, oracle: address })
type Facts = z.infer<typeof restored>

export function createVaults(deps: { cache: Cache; tokens: Tokens }): Vaults {
  const cached = createCachedMany<Facts>({
    cache: deps.cache,
    entryOf: (vault) => ({
      key: `euler:vault:${vault}`,
      ttlMs: TTL_MS,
      restore: (stored) => restored.safeParse(stored).data,
    }),
  })

  async function load(missing: readonly string[], at: ChainReader): Promise<Map<string, Facts>> {
    const results = await at.call(
      missing.flatMap((vault) => GETTERS.map((data) => ({ to: vault as Address, data, gas: 30_000 }))),
    )
    const found = new Map<string, Facts>()
    missing.forEach((vault, index) => {
      const [asset, unitOfAccount, oracle] = GETTERS.map((_, getter) =>
        decoded(results[index * GETTERS.length + getter], decodeAddress),
      )
      if (asset && unitOfAccount && oracle) found.set(vault, { asset, unitOfAccount, oracle })
    })
    return found
  }

  return async (addresses, at) => {
    const facts = await cached(addresses, (missing) => load(missing, at))
    const asked = new Set(
      [...facts].flatMap(([vault, { asset, unitOfAccount }]) => [vault as Address, asset, unitOfAccount]),
    )
    const tokens = await deps.tokens(
      [...asked].filter((token) => token !== USD && token !== NOBODY),
      at,
    )
    return new Map(
      [...facts].map(([vault, fact]) => [
        vault,
        {
          ...fact,
          address: vault as Address,
          symbol: tokens.get(vault)?.symbol ?? shortAddress(vault),
          assetToken: tokens.get(fact.asset),
          ...unitOf(fact.unitOfAccount, tokens),
        },
      ]),
    )
  }
}

/** Dollars only for the one address that means dollars; what cannot be named is told in raw units. */
function unitOf(
  unitOfAccount: Address,
  tokens: ReadonlyMap<string, Token>,
): Pick<Vault, 'unit' | 'unitDecimals'> {
  if (unitOfAccount === USD) return { unit: 'USD', unitDecimals: USD_DECIMALS }
  const token = tokens.get(unitOfAccount)
  return token
    ? { unit: `other:${token.symbol}`, unitDecimals: token.decimals }
    : { unit: `other:raw ${unitOfAccount.slice(0, 8)}`, unitDecimals: 0 }
}
