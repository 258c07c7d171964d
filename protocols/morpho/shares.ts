import { setImmediate as breathe } from 'node:timers/promises'
import type { Call, CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import { DecodeError } from '../../src/errors.ts'
import {
  decodeSlots,
  encodeSlots,
  GAS_PER_SLOT,
  marketSlot,
  positionSlot,
  SLOTS_PER_CALL,
  type StoredShares,
  storedShares,
  supplySlot,
} from './slots.ts'

export interface OwnerInMarket {
  readonly owner: Address
  readonly marketId: string
}

/** Hashing takes about 25 µs a slot. */
const SLOTS_PER_BREATH = 500

interface Where {
  readonly morpho: Address
  readonly at: ChainReader
}

type SlotOf = (owner: Address, market: Uint8Array) => string

/**
 * Borrow shares and collateral of many positions out of Morpho's storage, some thousand per request: one entry per
 * position in the order asked, `null` where the answer was not usable.
 */
export async function readShares(
  positions: readonly OwnerInMarket[],
  where: Where,
): Promise<(StoredShares | null)[]> {
  const words = await readSlots(positions, { ...where, slotOf: positionSlot })
  return words.map((word) => (word === null ? null : storedShares(word)))
}

/** As `readShares`, but what was lent to the market. */
export function readSupplyShares(
  positions: readonly OwnerInMarket[],
  where: Where,
): Promise<(bigint | null)[]> {
  return readSlots(positions, { ...where, slotOf: supplySlot })
}

async function readSlots(
  positions: readonly OwnerInMarket[],
  { morpho, at, slotOf }: Where & { slotOf: SlotOf },
): Promise<(bigint | null)[]> {
  const slots = await slotsOf(positions, slotOf)
  const calls: Call[] = []
  for (let start = 0; start < slots.length; start += SLOTS_PER_CALL) {
    const part = slots.slice(start, start + SLOTS_PER_CALL)
    calls.push({ to: morpho, data: encodeSlots(part), gas: 50_000 + part.length * GAS_PER_SLOT })
  }
  const results = await at.call(calls)
  return results.flatMap((result, index) =>
    wordsOf(result, Math.min(SLOTS_PER_CALL, slots.length - index * SLOTS_PER_CALL)),
  )
}

async function slotsOf(positions: readonly OwnerInMarket[], slotOf: SlotOf): Promise<string[]> {
  const marketSlots = new Map<string, Uint8Array>()
  const slots: string[] = []
  for (const { owner, marketId } of positions) {
    let market = marketSlots.get(marketId)
    if (!market) {
      market = marketSlot(marketId)
      marketSlots.set(marketId, market)
    }
    slots.push(slotOf(owner, market))
    if (slots.length % SLOTS_PER_BREATH === 0) await breathe()
  }
  return slots
}

function wordsOf(result: CallResult, count: number): (bigint | null)[] {
  const nothing = (): null[] => Array.from({ length: count }, () => null)
  if (!result.ok) return nothing()
  try {
    return decodeSlots(result.data, count)
  } catch (error) {
    if (error instanceof DecodeError) return nothing()
    throw error
  }
}
