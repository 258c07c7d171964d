import type { Address } from '../../src/domain/address.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import { placeOf, prefixOf } from './accounts.ts'

/** What was met so far, so that events of accounts find their owners. Lost at a restart, and back after a cycle. */
export interface Known {
  learn(refs: readonly PositionRef[]): void
  learnOwners(owners: readonly Address[]): void
  learnVault(vault: Address): void
  vaults(): readonly Address[]
  owners(prefix: string): readonly Address[]
  /** The positions of an account at a vault: one, unless several addresses of one owner are watched. */
  positions(place: { readonly controller: Address; readonly account: Address }): readonly PositionRef[]
}

/** More vaults than there are; the list goes into every request for logs. */
const MAX_VAULTS = 500
const MAX_OWNERS = 500_000

export function createKnown(): Known {
  const vaults = new Set<Address>()
  const owners = new Map<string, Set<Address>>()
  const positions = new Map<string, Map<string, PositionRef>>()
  const keyOf = (place: { controller: Address; account: Address }) => `${place.controller}/${place.account}`

  function learnOwners(list: readonly Address[]): void {
    for (const owner of list) add(owners, { key: prefixOf(owner), item: owner })
  }

  function learnVault(vault: Address): void {
    if (vaults.size < MAX_VAULTS) vaults.add(vault)
  }

  return {
    learn(refs) {
      for (const ref of refs) {
        const place = placeOf(ref)
        if (!place) continue
        learnVault(place.controller)
        learnOwners([ref.owner])
        const key = keyOf(place)
        const there = positions.get(key)
        if (there) there.set(ref.key, ref)
        else if (positions.size < MAX_OWNERS) positions.set(key, new Map([[ref.key, ref]]))
      }
    },
    learnOwners,
    learnVault,
    vaults: () => [...vaults],
    owners: (prefix) => [...(owners.get(prefix) ?? [])],
    positions: (place) => [...(positions.get(keyOf(place))?.values() ?? [])],
  }
}

function add(map: Map<string, Set<Address>>, { key, item }: { key: string; item: Address }): void {
  const there = map.get(key)
  if (there) there.add(item)
  else if (map.size < MAX_OWNERS) map.set(key, new Set([item]))
}
