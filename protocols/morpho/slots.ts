import { keccak256 } from 'ethers'
import { decodeWords } from '../../src/chain/words.ts'
import type { Address } from '../../src/domain/address.ts'
import { DecodeError } from '../../src/errors.ts'
import { morphoAbi } from './abi.ts'

/** Storage slot of `position` in Morpho.sol 1.0.0; the tests hold what is read from it to the contract's own answers. */
const POSITION_MAPPING = 2n
const LOW_128 = 2n ** 128n - 1n
const EXT_SLOADS = morphoAbi.getFunction('extSloads')?.selector ?? ''

/** One cold storage read on Monad and the work around it. */
export const GAS_PER_SLOT = 9_000
export const SLOTS_PER_CALL = 500

export interface StoredShares {
  readonly borrowShares: bigint
  readonly collateral: bigint
}

/** Where the positions of one market are kept: the slot that an owner's own slot is derived from. */
export function marketSlot(marketId: string): Uint8Array {
  const input = new Uint8Array(64)
  input.set(bytesOf(marketId))
  input.set(bytesOf(word(POSITION_MAPPING)), 32)
  return bytesOf(keccak256(input))
}

/** The slot that packs borrow shares (low half) and collateral (high half): the second of the position's two. */
export function positionSlot(owner: Address, market: Uint8Array): string {
  return word((BigInt(supplySlot(owner, market)) + 1n) % 2n ** 256n)
}

/** The slot that holds the supply shares: the first of the position's two. */
export function supplySlot(owner: Address, market: Uint8Array): string {
  const input = new Uint8Array(64)
  input.set(bytesOf(owner), 12)
  input.set(market, 32)
  return keccak256(input)
}

export function encodeSlots(slots: readonly string[]): string {
  return `${EXT_SLOADS}${[word(32n), word(BigInt(slots.length)), ...slots].map((text) => text.slice(2)).join('')}`
}

/** One word per slot. Throws DecodeError for any other shape. */
export function decodeSlots(data: string, count: number): bigint[] {
  const [offset, length, ...values] = decodeWords(data, count + 2)
  if (offset !== 32n || length !== BigInt(count)) throw new DecodeError('not a list of storage slots')
  return values
}

/** What is in the slot of `positionSlot`. */
export function storedShares(value: bigint): StoredShares {
  return { borrowShares: value & LOW_128, collateral: value >> 128n }
}

function word(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.slice(2), 'hex'))
}
