import { POOL_ABI, TOKEN_ABI } from './abis.ts'
import { type ChainAddresses, type MarketName, reserveOf } from './addresses.ts'
import { readBigint } from './contract-call.ts'
import type { JsonRpc } from './json-rpc.ts'
import { type Account, type Amount, fund, poolCall, toRaw } from './position-transactions.ts'
import type { Receipt, Transactions } from './transactions.ts'

export interface Liquidation {
  /** Default main. */
  market?: MarketName
  /** Whose loan it is. */
  owner: string
  /** Symbol of the asset to take. */
  collateral: string
  /** Symbol of the asset to repay. */
  debt: string
  /** How much of the debt to repay. */
  amount: Amount
}

export interface LiquidationOutcome {
  liquidator: string
  transactionHash: string
  blockNumber: number
  debtCoveredRaw: bigint
  collateralSeizedRaw: bigint
}

interface LiquidationDeps {
  rpc: JsonRpc
  transactions: Transactions
  addresses: ChainAddresses
}

/** Liquidates with tokens minted for the purpose. */
export async function liquidatePosition(
  { rpc, transactions, addresses }: LiquidationDeps,
  {
    market: name = 'main',
    owner,
    collateral,
    debt,
    amount,
    liquidator,
  }: Liquidation & { liquidator: string },
): Promise<LiquidationOutcome> {
  const market = addresses.markets[name]
  const account: Account = { market, owner: liquidator }
  const debtReserve = reserveOf(market, debt)
  const owed = { to: debtReserve.variableDebtToken, abi: TOKEN_ABI, method: 'balanceOf', args: [owner] }
  const budget =
    amount === 'max' ? (await readBigint(rpc, owed)) * 2n : toRaw(market, { asset: debt, amount })
  const toCover = toRaw(market, { asset: debt, amount })
  const args = [reserveOf(market, collateral).token, debtReserve.token, owner, toCover, false]
  const receipts = await transactions.send([
    ...fund(account, { asset: debt, amount: budget }),
    poolCall(account, { label: 'liquidationCall', method: 'liquidationCall', args }),
  ])
  return { liquidator, ...readOutcome(receipts.at(-1)) }
}

function readOutcome(receipt: Receipt | undefined): Omit<LiquidationOutcome, 'liquidator'> {
  for (const log of receipt?.logs ?? []) {
    const event = POOL_ABI.parseLog(log)
    if (receipt === undefined || event?.name !== 'LiquidationCall') continue
    return {
      transactionHash: receipt.transactionHash,
      blockNumber: Number(receipt.blockNumber),
      debtCoveredRaw: event.args['debtToCover'] as bigint,
      collateralSeizedRaw: event.args['liquidatedCollateralAmount'] as bigint,
    }
  }
  throw new Error('The liquidation left no LiquidationCall event')
}
