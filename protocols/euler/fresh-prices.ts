import { z } from 'zod'
import type { Call, CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import { evcAbi } from './abi.ts'
import type { PriceUpdate, PriceUpdates, StaleLoan } from './price-updates.ts'

export interface FreshContext {
  readonly evc: Address
  /** Who calls: the contract that the reader's calls go through. */
  readonly multicall: Address
  readonly priceUpdates: PriceUpdates | null
  readonly at: ChainReader
}

/** So many loans with an old price get a second try in one read. */
const MAX_RETRIES = 100
const UPDATE_GAS = 600_000
const items = z.array(z.tuple([z.boolean(), z.string()]))

/**
 * Reads of loans once more, each as if newer prices had just been written: `batchSimulation` runs the updates and the read,
 * answers, and undoes everything. The answer of the read; `null` where there are no newer prices or they were refused.
 */
export async function readWithFreshPrices(
  loans: readonly { readonly loan: StaleLoan; readonly read: Call }[],
  context: FreshContext,
): Promise<(CallResult | null)[]> {
  const { evc, multicall, priceUpdates, at } = context
  if (!priceUpdates || loans.length === 0) return loans.map(() => null)
  const updates = await priceUpdates(
    loans.slice(0, MAX_RETRIES).map(({ loan }) => loan),
    at,
  )
  const retried = loans.flatMap(({ read }, index) => {
    const fresh = updates[index]
    return fresh && fresh.length > 0 ? [{ index, read, fresh }] : []
  })
  const results = await at.call(
    retried.map(({ read, fresh }) => ({
      to: evc,
      data: encodeBatch({ updates: fresh, read, sender: multicall }),
      gas: (read.gas ?? UPDATE_GAS) + UPDATE_GAS * fresh.length,
    })),
  )
  const answers = new Map(
    retried.map(({ index, fresh }, position) => [index, decodeBatch(results[position], fresh.length + 1)]),
  )
  return loans.map((_, index) => answers.get(index) ?? null)
}

/** Every item runs on behalf of the caller itself, whom the vault connector always lets act for itself. */
function encodeBatch({
  updates,
  read,
  sender,
}: {
  updates: readonly PriceUpdate[]
  read: Call
  sender: Address
}): string {
  return evcAbi.encodeFunctionData('batchSimulation', [
    [
      ...updates.map(({ target, data, value }) => [target, sender, value, data]),
      [read.to, sender, 0n, read.data],
    ],
  ])
}

/** The answer of the last item, provided that all before it went through. */
function decodeBatch(result: CallResult | undefined, count: number): CallResult | null {
  if (!result?.ok) return null
  let decoded: unknown
  try {
    ;[decoded] = evcAbi.decodeFunctionResult('batchSimulation', result.data).toArray(true) as unknown[]
  } catch {
    // ethers throws for nothing but an answer of another shape.
    return null
  }
  const rows = items.length(count).safeParse(decoded)
  const last = rows.data?.at(-1)
  if (!rows.data?.slice(0, -1).every(([ok]) => ok) || !last) return null
  return { ok: last[0], data: last[1] }
}
