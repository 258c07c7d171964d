import type { Address } from '../../src/domain/address.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import type { Vault } from './vaults.ts'

/** An owner has this many accounts: the addresses that share the first 19 bytes. */
export const ACCOUNTS = 256

/** `0x` and 38 hex digits: what all accounts of an owner have in common. */
const PREFIX_LENGTH = 40

export function prefixOf(address: string): string {
  return address.slice(0, PREFIX_LENGTH)
}

/** Account `id` of an owner: the owner's address with its last byte XORed with the id. 0 is the owner's own address. */
export function subAccount(owner: Address, id: number): Address {
  const last = Number.parseInt(owner.slice(PREFIX_LENGTH), 16) ^ id
  return `0x${owner.slice(2, PREFIX_LENGTH)}${last.toString(16).padStart(2, '0')}`
}

/** The id of an account of this owner; `null` for anybody else's. */
export function accountIdOf(owner: Address, account: string): number | null {
  if (prefixOf(owner) !== prefixOf(account)) return null
  return Number.parseInt(owner.slice(PREFIX_LENGTH), 16) ^ Number.parseInt(account.slice(PREFIX_LENGTH), 16)
}

/** Which account borrows from which vault. */
export interface Place {
  readonly controller: Address
  readonly account: Address
  readonly accountId: number
}

const MARKET = /^(0x[0-9a-f]{40})\/(0|[1-9]\d{0,2})$/

/** Where a position is; `null` for a ref that Euler never made. */
export function placeOf({ owner, market }: Pick<PositionRef, 'owner' | 'market'>): Place | null {
  const [, controller = '', text = ''] = MARKET.exec(market) ?? []
  const accountId = Number(text)
  if (controller === '' || accountId >= ACCOUNTS) return null
  return { controller: controller as Address, account: subAccount(owner, accountId), accountId }
}

/** The identity of a loan: who, with which account, from which vault. */
export function positionRef(
  { owner, accountId }: { owner: Address; accountId: number },
  vault: Pick<Vault, 'address' | 'symbol'>,
): PositionRef {
  const market = `${vault.address}/${accountId}`
  return {
    protocol: 'euler',
    key: `euler:${market}:${owner}`,
    owner,
    market,
    marketName: `Euler ${vault.symbol}${accountId === 0 ? '' : ` · account ${accountId}`}`,
  }
}
