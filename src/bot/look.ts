import type { StoredWallet } from '../../db/bot-store.ts'
import type { Address } from '../domain/address.ts'
import type { Check } from '../domain/check.ts'
import type { ProtocolId } from '../domain/position.ts'
import type { CheckedWallet } from '../views/check.ts'

export interface LookRequest {
  readonly wallets: readonly { readonly owner: Address; readonly stored: StoredWallet | undefined }[]
  readonly protocols?: readonly ProtocolId[] | undefined
  readonly nowMs: () => number
}

/** Reads wallets live and joins in what is stored about them: labels, lines, last known numbers. */
export async function look(check: Check, request: LookRequest): Promise<CheckedWallet[]> {
  const results = await check({
    wallets: request.wallets.map(({ owner, stored }) => ({
      owner,
      known: (stored?.positions ?? []).filter(({ closed }) => !closed).map(({ position }) => position.ref),
    })),
    protocols: request.protocols,
  })
  return request.wallets.map(({ owner, stored }, index) => {
    const protocols = results[index] ?? []
    const byKey = new Map(stored?.positions.map((item) => [item.position.ref.key, item]))
    return {
      owner,
      label: stored?.watch.label ?? null,
      protocols,
      positions: protocols.flatMap(({ positions }) =>
        positions.map(({ ref, reading }) => {
          const known = byKey.get(ref.key)
          return { ref, reading, lines: known?.lines ?? null, last: known?.last ?? null }
        }),
      ),
      nowMs: request.nowMs(),
    }
  })
}
