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

/** A read of a loan that failed because a price is old. */
export interface StaleRead {
  readonly loan: StaleLoan
  readonly read: Call
}

/** So many loans with an old price get a second try in one read; the next block begins with others. */
const MAX_RETRIES = 500
/** Loans that need the same prices are read after one update. */
const READS_PER_UPDATE = 20
const UPDATE_GAS = 600_000
const items = z.array(z.tuple([z.boolean(), z.string()]))

/** One simulation: prices, and the reads that want them, by their place in what was asked. */
interface Batch {
  readonly updates: readonly PriceUpdate[]
  readonly reads: readonly { readonly index: number; readonly read: Call }[]
}

/**
 * Reads of loans once more, each as if newer prices had just been written: `batchSimulation` runs the updates and the reads,
 * answers, and undoes everything. The answer of each read; `null` where there are no newer prices or they were refused.
 */
export async function readWithFreshPrices(
  asked: readonly StaleRead[],
  context: FreshContext,
): Promise<(CallResult | null)[]> {
  const { evc, multicall, priceUpdates, at } = context
  if (!priceUpdates || asked.length === 0) return asked.map(() => null)
  const chosen = choose(asked, at.block.number)
  const updates = await priceUpdates(
    chosen.map(({ loan }) => loan),
    at,
  )
  const batches = batchesOf(chosen.map((one, position) => ({ ...one, updates: updates[position] ?? null })))
  const results = await at.call(
    batches.map((batch) => ({
      to: evc,
      data: encodeBatch(batch, multicall),
      gas:
        UPDATE_GAS * batch.updates.length + batch.reads.reduce((sum, { read }) => sum + (read.gas ?? 0), 0),
    })),
  )
  const answers = new Map(
    batches.flatMap((batch, position) => {
      const reads = decodeBatch(results[position], batch)
      return batch.reads.map(({ index }, place) => [index, reads?.[place] ?? null] as const)
    }),
  )
  return asked.map((_, index) => answers.get(index) ?? null)
}

function choose(
  asked: readonly StaleRead[],
  blockNumber: number,
): readonly (StaleRead & { readonly index: number })[] {
  const numbered = asked.map((one, index) => ({ ...one, index }))
  if (asked.length <= MAX_RETRIES) return numbered
  const start = blockNumber % asked.length
  return [...numbered.slice(start), ...numbered.slice(0, start)].slice(0, MAX_RETRIES)
}

function batchesOf(
  chosen: readonly { index: number; read: Call; updates: readonly PriceUpdate[] | null }[],
): Batch[] {
  const byUpdates = new Map<readonly PriceUpdate[], Batch['reads'][number][]>()
  for (const { index, read, updates } of chosen) {
    if (!updates || updates.length === 0) continue
    byUpdates.set(updates, [...(byUpdates.get(updates) ?? []), { index, read }])
  }
  const batches: Batch[] = []
  for (const [updates, reads] of byUpdates) {
    for (let start = 0; start < reads.length; start += READS_PER_UPDATE) {
      batches.push({ updates, reads: reads.slice(start, start + READS_PER_UPDATE) })
    }
  }
  return batches
}

/** Every item runs on behalf of the caller itself, whom the vault connector lets act for itself. */
function encodeBatch({ updates, reads }: Batch, sender: Address): string {
  return evcAbi.encodeFunctionData('batchSimulation', [
    [
      ...updates.map(({ target, data, value }) => [target, sender, value, data]),
      ...reads.map(({ read }) => [read.to, sender, 0n, read.data]),
    ],
  ])
}

/** The answers of the reads, provided that all updates went through. */
function decodeBatch(
  result: CallResult | undefined,
  { updates, reads }: Batch,
): readonly CallResult[] | null {
  if (!result?.ok) return null
  let decoded: unknown
  try {
    ;[decoded] = evcAbi.decodeFunctionResult('batchSimulation', result.data).toArray(true) as unknown[]
  } catch {
    // ethers throws for nothing but an answer of another shape.
    return null
  }
  const rows = items.length(updates.length + reads.length).safeParse(decoded).data
  if (!rows?.slice(0, updates.length).every(([ok]) => ok)) return null
  return rows.slice(updates.length).map(([ok, data]) => ({ ok, data }))
}
