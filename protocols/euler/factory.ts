import { z } from 'zod'
import type { Cache } from '../../src/chain/cache.ts'
import { createCachedMany } from '../../src/chain/cached-many.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import { factoryAbi } from './abi.ts'
import { decoded, decodeUint } from './decode.ts'

/** Whether Euler's factory made these contracts; one that it gave no usable answer about is left out. */
export type MadeByFactory = (
  addresses: readonly Address[],
  at: ChainReader,
) => Promise<ReadonlyMap<string, boolean>>

/** Once made by the factory, for ever made by it. */
const TTL_MS = 90 * 24 * 3600 * 1000
const yes = z.literal(true)

export function createMadeByFactory(deps: { cache: Cache; vaultFactory: Address }): MadeByFactory {
  const cached = createCachedMany<true>({
    cache: deps.cache,
    entryOf: (address) => ({
      key: `euler:made:${deps.vaultFactory}:${address}`,
      ttlMs: TTL_MS,
      restore: (stored) => yes.safeParse(stored).data,
    }),
  })
  return async (addresses, at) => {
    const denied: string[] = []
    const made = await cached(addresses, async (missing) => {
      const results = await at.call(
        missing.map((address) => ({
          to: deps.vaultFactory,
          data: factoryAbi.encodeFunctionData('isProxy', [address]),
          gas: 30_000,
        })),
      )
      const answers = missing.map((_, index) => decoded(results[index], decodeUint))
      denied.push(...missing.filter((_, index) => answers[index] === 0n))
      return new Map(missing.filter((_, index) => answers[index] === 1n).map((address) => [address, true]))
    })
    return new Map([...denied.map((address) => [address, false] as const), ...made])
  }
}
