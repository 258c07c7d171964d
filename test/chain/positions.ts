import { POOL_ABI, TOKEN_ABI } from './abis.ts'
import { giveGas, newOwner } from './accounts.ts'
import { type ChainAddresses, type MarketName, reserveOf } from './addresses.ts'
import { readBigint, readContract } from './contract-call.ts'
import type { JsonRpc } from './json-rpc.ts'
import { type Liquidation, type LiquidationOutcome, liquidatePosition } from './liquidation.ts'
import {
  type Account,
  type AssetAmount,
  borrow,
  fund,
  repay,
  supply,
  toRaw,
  withdraw,
} from './position-transactions.ts'
import type { Transaction, Transactions } from './transactions.ts'

export interface Holder {
  /** Default main. */
  market?: MarketName
  owner: string
}

export interface NewPosition {
  /** Default main. */
  market?: MarketName
  /** Any address; default a fresh one. */
  owner?: string
  supply?: readonly AssetAmount[]
  borrow?: readonly AssetAmount[]
}

/** The pool's own answer; base = USD with 8 decimals. */
export interface AccountData {
  totalCollateralBase: bigint
  totalDebtBase: bigint
  availableBorrowsBase: bigint
  liquidationThresholdBps: bigint
  ltvBps: bigint
  /** 2^256 - 1 when there is no debt. */
  healthFactorWad: bigint
}

/** What happens to loans. Every function mines what it sends, and throws with the contract's reason on a revert. */
export interface Positions {
  /** An address that nobody has used. */
  newOwner: () => string
  /** Supplies, then borrows, in one block, with freshly minted tokens; resolves to the owner. */
  openPosition: (position: NewPosition) => Promise<string>
  /** Many at once, in as few blocks as they fit in; resolves to the owners in the given order. */
  openPositions: (positions: readonly NewPosition[]) => Promise<string[]>
  /** The amount 'max' repays the whole debt. */
  repay: (change: Holder & AssetAmount) => Promise<void>
  /** The amount 'max' withdraws everything. */
  withdraw: (change: Holder & AssetAmount) => Promise<void>
  /** Repays every debt and withdraws every supply. */
  closePosition: (holder: Holder) => Promise<void>
  /** A real liquidationCall by a fresh liquidator with enough tokens; the amount 'max' is as much as is allowed. */
  liquidate: (liquidation: Liquidation) => Promise<LiquidationOutcome>
  /** getUserAccountData, read with ethers: the truth to compare other readers with. */
  accountData: (market: MarketName, owner: string) => Promise<AccountData>
}

export interface PositionsDeps {
  rpc: JsonRpc
  transactions: Transactions
  addresses: ChainAddresses
}

export function createPositions(deps: PositionsDeps): Positions {
  const { rpc, transactions, addresses } = deps

  function accountOf({ market = 'main', owner }: Holder): Account {
    return { market: addresses.markets[market], owner }
  }

  async function openPositions(positions: readonly NewPosition[]): Promise<string[]> {
    const owners = positions.map(({ owner }) => owner ?? newOwner())
    await giveGas(rpc, owners)
    await transactions.send(
      positions.flatMap((position, index) => {
        const account = accountOf({ ...position, owner: owners[index] ?? newOwner() })
        return [
          ...(position.supply ?? []).flatMap((change) => supply(account, change)),
          ...(position.borrow ?? []).map((change) => borrow(account, change)),
        ]
      }),
    )
    return owners
  }

  async function repayTransactions(account: Account, change: AssetAmount): Promise<Transaction[]> {
    const debt = await debtOf(rpc, { account, asset: change.asset })
    // Interest runs on until the block that repays, so everything needs a little more than the debt of now.
    const amount = change.amount === 'max' ? debt * 2n + 1n : toRaw(account.market, change)
    return [...fund(account, { asset: change.asset, amount }), repay(account, change)]
  }

  return {
    newOwner,
    openPositions,
    openPosition: async (position) => {
      const owner = position.owner ?? newOwner()
      await openPositions([{ ...position, owner }])
      return owner
    },
    repay: async (change) => {
      await giveGas(rpc, [change.owner])
      await transactions.send(await repayTransactions(accountOf(change), change))
    },
    withdraw: async (change) => {
      await giveGas(rpc, [change.owner])
      await transactions.send([withdraw(accountOf(change), change)])
    },
    closePosition: async (holder) => {
      const account = accountOf(holder)
      const repayments: Transaction[] = []
      const withdrawals: Transaction[] = []
      for (const [asset, reserve] of Object.entries(account.market.reserves)) {
        const everything = { asset, amount: 'max' }
        const debt = await debtOf(rpc, { account, asset })
        if (debt > 0n) repayments.push(...(await repayTransactions(account, everything)))
        const supplied = await balanceOf(rpc, { token: reserve.aToken, owner: account.owner })
        if (supplied > 0n) withdrawals.push(withdraw(account, everything))
      }
      await giveGas(rpc, [account.owner])
      await transactions.send([...repayments, ...withdrawals])
    },
    liquidate: async (liquidation) => {
      const liquidator = newOwner()
      await giveGas(rpc, [liquidator])
      return await liquidatePosition(deps, { ...liquidation, liquidator })
    },
    accountData: async (market, owner) => {
      const to = addresses.markets[market].pool
      const data = await readContract(rpc, { to, abi: POOL_ABI, method: 'getUserAccountData', args: [owner] })
      const [collateral, debt, available, threshold, ltv, health] = data.toArray() as bigint[]
      return {
        totalCollateralBase: collateral ?? 0n,
        totalDebtBase: debt ?? 0n,
        availableBorrowsBase: available ?? 0n,
        liquidationThresholdBps: threshold ?? 0n,
        ltvBps: ltv ?? 0n,
        healthFactorWad: health ?? 0n,
      }
    },
  }
}

async function debtOf(
  rpc: JsonRpc,
  { account, asset }: { account: Account; asset: string },
): Promise<bigint> {
  const { variableDebtToken } = reserveOf(account.market, asset)
  return await balanceOf(rpc, { token: variableDebtToken, owner: account.owner })
}

async function balanceOf(rpc: JsonRpc, { token, owner }: { token: string; owner: string }): Promise<bigint> {
  return await readBigint(rpc, { to: token, abi: TOKEN_ABI, method: 'balanceOf', args: [owner] })
}
