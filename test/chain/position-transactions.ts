import { MaxUint256, parseUnits } from 'ethers'
import { POOL_ABI, TOKEN_ABI, VARIABLE_RATE_MODE } from './abis.ts'
import { type MarketAddresses, reserveOf } from './addresses.ts'
import type { Transaction } from './transactions.ts'

/** Decimal text is in whole tokens ('1.5'), a bigint is in the token's smallest unit. */
export type Amount = string | bigint

export interface AssetAmount {
  /** Token symbol. */
  asset: string
  amount: Amount
}

/** One account in one market. */
export interface Account {
  market: MarketAddresses
  owner: string
}

/** The amount in the token's smallest unit; 'max' is everything there is. */
export function toRaw(market: MarketAddresses, { asset, amount }: AssetAmount): bigint {
  if (typeof amount === 'bigint') return amount
  return amount === 'max' ? MaxUint256 : parseUnits(amount, reserveOf(market, asset).decimals)
}

/** Mints the tokens to the account and lets the pool take them. */
export function fund(account: Account, { asset, amount }: { asset: string; amount: bigint }): Transaction[] {
  const { token } = reserveOf(account.market, asset)
  const mint = TOKEN_ABI.encodeFunctionData('mint', [account.owner, amount])
  const approve = TOKEN_ABI.encodeFunctionData('approve', [account.market.pool, amount])
  return [
    { label: `mint ${asset}`, from: account.owner, to: token, data: mint },
    { label: `approve ${asset}`, from: account.owner, to: token, data: approve },
  ]
}

export function supply(account: Account, change: AssetAmount): Transaction[] {
  const amount = toRaw(account.market, change)
  const { token } = reserveOf(account.market, change.asset)
  const args = [token, amount, account.owner, 0]
  return [
    ...fund(account, { asset: change.asset, amount }),
    poolCall(account, { label: `supply ${change.asset}`, method: 'supply', args }),
  ]
}

export function borrow(account: Account, change: AssetAmount): Transaction {
  const { token } = reserveOf(account.market, change.asset)
  const args = [token, toRaw(account.market, change), VARIABLE_RATE_MODE, 0, account.owner]
  return poolCall(account, { label: `borrow ${change.asset}`, method: 'borrow', args })
}

export function repay(account: Account, change: AssetAmount): Transaction {
  const { token } = reserveOf(account.market, change.asset)
  const args = [token, toRaw(account.market, change), VARIABLE_RATE_MODE, account.owner]
  return poolCall(account, { label: `repay ${change.asset}`, method: 'repay', args })
}

export function withdraw(account: Account, change: AssetAmount): Transaction {
  const { token } = reserveOf(account.market, change.asset)
  const args = [token, toRaw(account.market, change), account.owner]
  return poolCall(account, { label: `withdraw ${change.asset}`, method: 'withdraw', args })
}

/** A call to the pool by the account's owner. */
export function poolCall(
  account: Account,
  call: { label: string; method: string; args: readonly unknown[] },
): Transaction {
  const data = POOL_ABI.encodeFunctionData(call.method, call.args)
  return { label: call.label, from: account.owner, to: account.market.pool, data }
}
