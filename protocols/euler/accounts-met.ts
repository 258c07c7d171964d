import type { Address } from '../../src/domain/address.ts'
import { accountIdOf, prefixOf } from './accounts.ts'

/** Accounts that were named by an event or a position, by the prefix that they share with their owner. */
export interface AccountsMet {
  add(account: Address, blockNumber?: number): void
  /** `newestBlock`: of the events among what was added, 0 without any. */
  of(owner: Address): { readonly ids: readonly number[]; readonly newestBlock: number }
}

interface Met {
  readonly accounts: Set<Address>
  newestBlock: number
}

/** Remembers so many prefixes; the one that was longest without news goes first. */
export function createAccountsMet(maxPrefixes: number): AccountsMet {
  const byPrefix = new Map<string, Met>()
  return {
    add(account, blockNumber = 0) {
      const prefix = prefixOf(account)
      const met = byPrefix.get(prefix) ?? { accounts: new Set<Address>(), newestBlock: 0 }
      met.accounts.add(account)
      met.newestBlock = Math.max(met.newestBlock, blockNumber)
      // Put last again: a map keeps the order in which its keys came.
      byPrefix.delete(prefix)
      byPrefix.set(prefix, met)
      if (byPrefix.size <= maxPrefixes) return
      for (const oldest of byPrefix.keys()) {
        byPrefix.delete(oldest)
        return
      }
    },
    of(owner) {
      const met = byPrefix.get(prefixOf(owner))
      const ids = [...(met?.accounts ?? [])].flatMap((account) => accountIdOf(owner, account) ?? [])
      return { ids, newestBlock: met?.newestBlock ?? 0 }
    },
  }
}
