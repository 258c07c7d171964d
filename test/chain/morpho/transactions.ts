import { parseUnits } from 'ethers'
import { TOKEN_ABI } from '../abis.ts'
import type { Amount } from '../position-transactions.ts'
import type { Transaction } from '../transactions.ts'
import { MORPHO_ABI } from './abis.ts'
import { type MorphoMarketAddresses, marketParamsOf } from './addresses.ts'

/** One account in one market. */
export interface MorphoAccount {
  morpho: string
  market: MorphoMarketAddresses
  owner: string
}

/** Which of the market's two tokens. */
export type Side = 'collateral' | 'loan'

/** The amount in the token's smallest unit. */
export function toRawOf(market: MorphoMarketAddresses, { side, amount }: { side: Side; amount: Amount }) {
  if (typeof amount === 'bigint') return amount
  return parseUnits(amount, side === 'loan' ? market.loanDecimals : market.collateralDecimals)
}

/** Mints tokens to the account and lets Morpho take them. */
export function fundMorpho(
  { morpho, market, owner }: MorphoAccount,
  { side, amount }: { side: Side; amount: bigint },
): Transaction[] {
  const to = side === 'loan' ? market.loanToken : market.collateralToken
  const symbol = side === 'loan' ? market.loanSymbol : market.collateralSymbol
  const mint = TOKEN_ABI.encodeFunctionData('mint', [owner, amount])
  const approve = TOKEN_ABI.encodeFunctionData('approve', [morpho, amount])
  return [
    { label: `mint ${symbol}`, from: owner, to, data: mint },
    { label: `approve ${symbol}`, from: owner, to, data: approve },
  ]
}

export function supplyCollateral(account: MorphoAccount, amount: bigint): Transaction[] {
  return [
    ...fundMorpho(account, { side: 'collateral', amount }),
    marketCall(account, { method: 'supplyCollateral', args: [amount, account.owner, '0x'] }),
  ]
}

export function withdrawCollateral(account: MorphoAccount, amount: bigint): Transaction {
  return marketCall(account, { method: 'withdrawCollateral', args: [amount, account.owner, account.owner] })
}

export function borrowLoan(account: MorphoAccount, amount: bigint): Transaction {
  return marketCall(account, { method: 'borrow', args: [amount, 0n, account.owner, account.owner] })
}

/** A call by the account's owner whose first argument is the market. */
export function marketCall(
  { morpho, market, owner }: MorphoAccount,
  { method, args }: { method: string; args: readonly unknown[] },
): Transaction {
  const data = MORPHO_ABI.encodeFunctionData(method, [marketParamsOf(market), ...args])
  return { label: method, from: owner, to: morpho, data }
}
