import { getAddress } from 'ethers'
import type { Address } from '../domain/address.ts'

export type ParsedAddress =
  | { readonly ok: true; readonly address: Address }
  | { readonly ok: false; readonly why: 'shape' | 'checksum' }

const SHAPE = /^0x[0-9a-fA-F]{40}$/

/** Reads an address; mixed case must carry a right EIP-55 checksum, since a wrong one means a mistyped digit. */
export function parseAddress(text: string): ParsedAddress {
  if (!SHAPE.test(text)) return { ok: false, why: 'shape' }
  try {
    return { ok: true, address: getAddress(text).toLowerCase() as Address }
  } catch {
    // getAddress throws for exactly one reason once the shape is right.
    return { ok: false, why: 'checksum' }
  }
}

/** The EIP-55 spelling, for a person to compare. */
export function checksumAddress(address: Address): string {
  return getAddress(address)
}
