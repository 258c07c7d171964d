import type { Address } from '../domain/address.ts'
import { type PositionRef, PROTOCOL_IDS, type ProtocolId } from '../domain/position.ts'

/**
 * Which loan a button means: by its stored ids, or, for a loan that is not stored, by its owner, protocol and a mark of its
 * key. Both leave room for a short action and a number in Telegram's 64 bytes.
 */
export type Place =
  | { readonly kind: 'stored'; readonly watchId: number; readonly positionId: number }
  | {
      readonly kind: 'free'
      readonly owner: Address
      readonly protocol: ProtocolId
      readonly mark: string
    }

const STORED = /^(\d{1,16}):(\d{1,16})$/
const FREE = /^([0-9a-f]{40}):([a-z])([0-9a-f]{8})$/

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** `<watch>:<position>`. */
export function storedPlace(watchId: number, positionId: number): string {
  return `${watchId}:${positionId}`
}

/** `<40 digits of the owner>:<first letter of the protocol><mark>`, 50 characters. */
export function freePlace({ owner, protocol, key }: PositionRef): string {
  return `${owner.slice(2)}:${protocol.slice(0, 1)}${markOf(key)}`
}

export function parsePlace(text: string): Place | undefined {
  const [, watchId, positionId] = STORED.exec(text) ?? []
  if (watchId !== undefined) {
    return { kind: 'stored', watchId: Number(watchId), positionId: Number(positionId) }
  }
  const [, owner, letter = '', mark = ''] = FREE.exec(text) ?? []
  const protocol = PROTOCOL_IDS.find((id) => id.startsWith(letter))
  if (owner === undefined || protocol === undefined) return undefined
  return { kind: 'free', owner: `0x${owner}`, protocol, mark }
}

/** Eight digits that tell the loans of one owner apart: FNV-1a. */
export function markOf(key: string): string {
  let hash = FNV_OFFSET
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), FNV_PRIME)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
