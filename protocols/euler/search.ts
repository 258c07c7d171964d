import type { Call, ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import { evcAbi, vaultAbi } from './abi.ts'
import { ACCOUNTS, subAccount } from './accounts.ts'
import { decodeAddress, decodeAddresses, decoded } from './decode.ts'
import { faultOf } from './faults.ts'

/** Gas of the calls, measured on the real contracts, rounded up. */
const CONTROLLERS_GAS = 25_000
export const LIQUIDITY_GAS = 250_000

/** All 256 accounts of so many owners are looked at in one search. */
const MAX_SWEEPS = 40
/** More than one lender is possible only within a transaction, but the answer could hold them. */
const MOST_CONTROLLERS = 10

export interface Wanted {
  readonly owner: Address
  /** Accounts to look at. */
  readonly accountIds: readonly number[]
  /** Look at all 256. */
  readonly everywhere: boolean
}

export interface Loan {
  readonly accountId: number
  readonly controller: Address
  /** The lender knows the account, or refuses for a reason that does not make the loan go away. */
  readonly confirmed: boolean
}

export interface Seen {
  readonly found: readonly Loan[]
  /** An account that was asked did not answer. */
  readonly failed: boolean
  /** All 256 accounts were asked. */
  readonly everywhere: boolean
}

export interface SearchContext {
  readonly evc: Address
  readonly at: ChainReader
}

/** Whether each owner ever used the vault connector: without that there are no loans. `null` where the answer is unusable. */
export async function readUsers(
  owners: readonly Address[],
  { evc, at }: SearchContext,
): Promise<(boolean | null)[]> {
  const results = await at.call(
    owners.map((owner) => ({
      to: evc,
      data: evcAbi.encodeFunctionData('getAccountOwner', [owner]),
      gas: CONTROLLERS_GAS,
    })),
  )
  return owners.map((_, index) => {
    const registered = decoded(results[index], decodeAddress)
    return registered === null ? null : BigInt(registered) !== 0n
  })
}

/** The vaults that these accounts borrow from; `null` where the answer is unusable. */
export async function readControllers(
  accounts: readonly Address[],
  { evc, at }: SearchContext,
): Promise<(readonly Address[] | null)[]> {
  const results = await at.call(
    accounts.map((account) => ({
      to: evc,
      data: evcAbi.encodeFunctionData('getControllers', [account]),
      gas: CONTROLLERS_GAS,
    })),
  )
  return accounts.map((_, index) =>
    decoded(results[index], (data) => decodeAddresses(data, MOST_CONTROLLERS)),
  )
}

export function liquidityCall({ controller, account }: { controller: Address; account: Address }): Call {
  return {
    to: controller,
    data: vaultAbi.encodeFunctionData('accountLiquidity', [account, true]),
    gas: LIQUIDITY_GAS,
  }
}

/** Asks accounts for their lender, and the lender whether it knows the account. Sweeps go round when there are too many. */
export async function searchLoans(wanted: readonly Wanted[], context: SearchContext): Promise<Seen[]> {
  const everybody = new Set(turn(wanted, context.at.block.number).slice(0, MAX_SWEEPS))
  const plans = wanted.map((want) => {
    const everywhere = everybody.has(want)
    const ids = everywhere ? Array.from({ length: ACCOUNTS }, (_, id) => id) : [...new Set(want.accountIds)]
    return { owner: want.owner, ids, everywhere }
  })
  const places = plans.flatMap(({ owner, ids }) => ids.map((accountId) => ({ owner, accountId })))
  const controllers = await readControllers(
    places.map(({ owner, accountId }) => subAccount(owner, accountId)),
    context,
  )
  const borrowing = places.flatMap(({ owner, accountId }, index) => {
    const [controller, another] = controllers[index] ?? []
    return controller && !another ? [{ controller, account: subAccount(owner, accountId), index }] : []
  })
  const known = await context.at.call(borrowing.map(liquidityCall))
  const denied = new Set(
    borrowing.flatMap(({ index }, position) => {
      const result = known[position]
      // An oracle that fails does not make the loan go away.
      const contradicts = !result || (!result.ok && faultOf(result.data).kind !== 'unreadable')
      return contradicts ? [index] : []
    }),
  )
  let next = 0
  return plans.map(({ ids, everywhere }) => {
    const found: Loan[] = []
    let failed = false
    for (const accountId of ids) {
      const index = next
      next += 1
      const lenders = controllers[index]
      const [controller, another] = lenders ?? []
      if (!lenders || another) failed = true
      else if (controller) found.push({ accountId, controller, confirmed: !denied.has(index) })
    }
    return { found, failed, everywhere }
  })
}

/** Those to be looked at everywhere, beginning somewhere else at every block. */
function turn(wanted: readonly Wanted[], blockNumber: number): Wanted[] {
  const all = wanted.filter(({ everywhere }) => everywhere)
  const start = all.length > MAX_SWEEPS ? blockNumber % all.length : 0
  return [...all.slice(start), ...all.slice(0, start)]
}
