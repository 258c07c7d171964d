import { wordsIn } from '../../src/chain/answers.ts'
import type { UnknownReading } from '../../src/domain/position.ts'
import { oracleErrors, vaultAbi } from './abi.ts'

/** Why a vault refused to tell about an account. */
export type Fault =
  /** The account borrows nowhere. */
  | { readonly kind: 'no-liability' }
  /** The account borrows, but not from this vault. */
  | { readonly kind: 'not-controller' }
  /** `stale`: a newer price, where one can be had, may help. */
  | { readonly kind: 'unreadable'; readonly stale: boolean; readonly reading: UnknownReading }

/** Errors without arguments, by their exact revert data. */
const PLAIN: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  [vaultError('E_NoLiability'), { kind: 'no-liability' }],
  [vaultError('E_NotController'), { kind: 'not-controller' }],
  [
    vaultError('E_TransientState'),
    unreadable(
      'decode',
      'the account has two lenders at once, which is possible only in the middle of a transaction',
    ),
  ],
  [vaultError('E_Reentrancy'), unreadable('decode', 'the vault is in the middle of another call')],
  [vaultError('E_NoPriceOracle'), unreadable('oracle', 'the vault has no price oracle')],
  [vaultError('E_EmptyError'), silent()],
  ['0x', silent()],
  // The Pyth adapter says this of an old price too.
  [
    oracleError('PriceOracle_InvalidAnswer'),
    oldPrice('the price oracle has no price that it trusts: too old or too uncertain'),
  ],
  [oracleError('PriceOracle_Overflow'), unreadable('oracle', 'the price oracle cannot express the amount')],
])
const TOO_STALE = oracleError('PriceOracle_TooStale')
const NOT_SUPPORTED = oracleError('PriceOracle_NotSupported')

/** What revert data of a vault read means. Data that is not exactly a known error is told as unknown. */
export function faultOf(data: string): Fault {
  const plain = PLAIN.get(data.toLowerCase())
  if (plain) return plain
  const selector = data.slice(0, 10).toLowerCase()
  const [first] = argumentsOf(data) ?? []
  if (selector === TOO_STALE && first !== undefined) {
    return oldPrice(`the price oracle's price is ${first} s old`)
  }
  if (selector === NOT_SUPPORTED && first !== undefined) {
    return unreadable('oracle', 'the price oracle has no price for one of the tokens')
  }
  return unreadable(
    'decode',
    /^0x[0-9a-f]{8}$/.test(selector)
      ? `the vault refuses with an error that is not known (${selector})`
      : 'the answer of the vault cannot be read',
  )
}

/** Every error here that has arguments has two. */
function argumentsOf(data: string): bigint[] | null {
  return wordsIn(`0x${data.slice(10)}`, 2)
}

function unreadable(reason: UnknownReading['reason'], detail: string): Fault {
  return { kind: 'unreadable', stale: false, reading: { kind: 'unknown', reason, detail } }
}

function oldPrice(detail: string): Fault {
  return { kind: 'unreadable', stale: true, reading: { kind: 'unknown', reason: 'oracle', detail } }
}

function silent(): Fault {
  return unreadable('oracle', 'its price oracle seems to fail: the vault refuses without a reason')
}

function vaultError(name: string): string {
  return vaultAbi.getError(name)?.selector ?? name
}

function oracleError(name: string): string {
  return oracleErrors.getError(name)?.selector ?? name
}
