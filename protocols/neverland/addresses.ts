import type { Address } from '../../src/domain/address.ts'

// Sources and how sure each one is: NOTES.md.
export const NEVERLAND_REGISTRY: Address = '0xd0ccde10cacd12f1c839db6400b82a82ab90fa9b'

export const NEVERLAND_PROVIDERS: readonly Address[] = [
  '0x49d75170f55c964dfdd6726c74fdedee75553a0f',
  '0xb80397a931fcfda3ac999a3a5639c328dc72a58f',
  '0x300fa05f6fc9503eabaacb1dec7c35d65229f86f',
  '0xd5b80eca4a3f67c2f8919927907e5f0b64f1f5d3',
]

/** Better names than the ones the contracts carry. */
export const MARKET_NAMES: ReadonlyMap<string, string> = new Map([
  ['0x49d75170f55c964dfdd6726c74fdedee75553a0f', 'Neverland Main'],
  ['0xb80397a931fcfda3ac999a3a5639c328dc72a58f', 'Neverland PT-AUSD'],
  ['0x300fa05f6fc9503eabaacb1dec7c35d65229f86f', 'Neverland PT-shMON'],
  ['0xd5b80eca4a3f67c2f8919927907e5f0b64f1f5d3', 'Neverland Yuzu'],
])
