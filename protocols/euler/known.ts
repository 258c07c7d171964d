import type { Address } from '../../src/domain/address.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import { placeOf, prefixOf } from './accounts.ts'
import { createAccountsMet } from './accounts-met.ts'

/** What was met so far, so that events of accounts find their owners. Lost at a restart, and back after a cycle. */
export interface Known {
  learn(refs: readonly PositionRef[]): void
  learnOwners(owners: readonly Address[]): void
  /** An event at this block named the account. */
  learnEvent(event: { readonly account: Address; readonly blockNumber: number }): void
  /** Somebody says that this is a vault. It counts as one when the factory says so too. */
  suggestVault(vault: Address): void
  /** Vaults that wait for what the factory says. */
  suggestedVaults(): readonly Address[]
  /** What the factory said. */
  judgeVault(verdict: { readonly vault: Address; readonly isVault: boolean }): void
  /** Made by the factory. */
  vaults(): readonly Address[]
  isVault(address: Address): boolean
  owners(prefix: string): readonly Address[]
  /** Ids of the accounts of this owner that a position or an event named, and the block of the newest such event. */
  accounts(owner: Address): { readonly ids: readonly number[]; readonly newestEvent: number }
  /** The positions of an account at a vault: one, unless several addresses of one owner are watched. */
  positions(place: { readonly controller: Address; readonly account: Address }): readonly PositionRef[]
}

/** More vaults than there are; the list goes into every request for logs. */
const MAX_VAULTS = 500
const MAX_OWNERS = 500_000
/** Events name everybody's accounts. Only those since the subgraph's newest block matter, so the oldest may be forgotten. */
const MAX_EVENT_OWNERS = 50_000

export function createKnown(): Known {
  const vaults = new Set<Address>()
  const suggested = new Set<Address>()
  const owners = new Map<string, Set<Address>>()
  const positions = new Map<string, Map<string, PositionRef>>()
  const borrowing = createAccountsMet(MAX_OWNERS)
  const inEvents = createAccountsMet(MAX_EVENT_OWNERS)
  const keyOf = (place: { controller: Address; account: Address }) => `${place.controller}/${place.account}`

  function learnOwners(list: readonly Address[]): void {
    for (const owner of list) add(owners, { key: prefixOf(owner), item: owner })
  }

  function suggestVault(vault: Address): void {
    if (!vaults.has(vault) && suggested.size < MAX_VAULTS) suggested.add(vault)
  }

  return {
    learn(refs) {
      for (const ref of refs) {
        const place = placeOf(ref)
        if (!place) continue
        suggestVault(place.controller)
        learnOwners([ref.owner])
        borrowing.add(place.account)
        const key = keyOf(place)
        const there = positions.get(key)
        if (there) there.set(ref.key, ref)
        else if (positions.size < MAX_OWNERS) positions.set(key, new Map([[ref.key, ref]]))
      }
    },
    learnOwners,
    learnEvent: ({ account, blockNumber }) => {
      inEvents.add(account, blockNumber)
    },
    suggestVault,
    suggestedVaults: () => [...suggested],
    judgeVault({ vault, isVault }) {
      suggested.delete(vault)
      if (isVault && vaults.size < MAX_VAULTS) vaults.add(vault)
    },
    vaults: () => [...vaults],
    isVault: (address) => vaults.has(address),
    owners: (prefix) => [...(owners.get(prefix) ?? [])],
    accounts(owner) {
      const { ids, newestBlock } = inEvents.of(owner)
      return { ids: [...new Set([...borrowing.of(owner).ids, ...ids])], newestEvent: newestBlock }
    },
    positions: (place) => [...(positions.get(keyOf(place))?.values() ?? [])],
  }
}

function add(map: Map<string, Set<Address>>, { key, item }: { key: string; item: Address }): void {
  const there = map.get(key)
  if (there) there.add(item)
  else if (map.size < MAX_OWNERS) map.set(key, new Set([item]))
}
