import type { Address } from '../../src/domain/address.ts'

// Sources and how sure each one is: NOTES.md.
export const NEVERLAND_REGISTRY: Address = '0xd0ccde10cacd12f1c839db6400b82a82ab90fa9b'

/** The official Aave v3.7 market on Monad: another protocol's, but read in exactly the same way. */
export const AAVE_PROVIDER: Address = '0x34793fb9935f7bb5e5ae920fb963f39063e7a615'

/** Tells whether an owner has a vault that repays debt from Neverland's revenue. */
export const NEVERLAND_VAULT_FACTORY: Address = '0xe82f2fa836bc5db42a36c66027c0113bcaa28143'

/** Markets that are read by default; only Neverland's own are in its registry. */
export const NEVERLAND_PROVIDERS: readonly Address[] = [
  '0x49d75170f55c964dfdd6726c74fdedee75553a0f',
  '0xb80397a931fcfda3ac999a3a5639c328dc72a58f',
  '0x300fa05f6fc9503eabaacb1dec7c35d65229f86f',
  '0xd5b80eca4a3f67c2f8919927907e5f0b64f1f5d3',
  AAVE_PROVIDER,
]

/** Better names than the ones the contracts carry. */
export const MARKET_NAMES: ReadonlyMap<string, string> = new Map([
  ['0x49d75170f55c964dfdd6726c74fdedee75553a0f', 'Neverland Main'],
  ['0xb80397a931fcfda3ac999a3a5639c328dc72a58f', 'Neverland PT-AUSD'],
  ['0x300fa05f6fc9503eabaacb1dec7c35d65229f86f', 'Neverland PT-shMON'],
  ['0xd5b80eca4a3f67c2f8919927907e5f0b64f1f5d3', 'Neverland Yuzu'],
  [AAVE_PROVIDER, 'Aave v3'],
])
