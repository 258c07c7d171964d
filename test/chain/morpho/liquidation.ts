import type { Receipt, Transactions } from '../transactions.ts'
import { MORPHO_ABI } from './abis.ts'
import type { MorphoMarketName } from './addresses.ts'
import { fundMorpho, type MorphoAccount, marketCall } from './transactions.ts'

/** Whose loan, and how much: collateral to take or shares of the debt to repay; with neither, the whole debt. */
export interface MorphoLiquidation {
  market: MorphoMarketName
  owner: string
  seizedRaw?: bigint
  repaidSharesRaw?: bigint
}

export interface MorphoLiquidationOutcome {
  liquidator: string
  transactionHash: string
  blockNumber: number
  repaidAssetsRaw: bigint
  repaidSharesRaw: bigint
  seizedAssetsRaw: bigint
  badDebtAssetsRaw: bigint
  badDebtSharesRaw: bigint
}

interface LiquidationParts {
  /** The liquidator's own. */
  account: MorphoAccount
  borrower: string
  seizedRaw: bigint
  repaidSharesRaw: bigint
  /** More loan tokens than the whole market owes. */
  budgetRaw: bigint
}

/** Liquidates with tokens minted for the purpose. */
export async function liquidateMorphoPosition(
  transactions: Transactions,
  { account, borrower, seizedRaw, repaidSharesRaw, budgetRaw }: LiquidationParts,
): Promise<MorphoLiquidationOutcome> {
  const receipts = await transactions.send([
    ...fundMorpho(account, { side: 'loan', amount: budgetRaw }),
    marketCall(account, { method: 'liquidate', args: [borrower, seizedRaw, repaidSharesRaw, '0x'] }),
  ])
  return { liquidator: account.owner, ...readOutcome(receipts.at(-1)) }
}

function readOutcome(receipt: Receipt | undefined): Omit<MorphoLiquidationOutcome, 'liquidator'> {
  for (const log of receipt?.logs ?? []) {
    const event = MORPHO_ABI.parseLog(log)
    if (receipt === undefined || event?.name !== 'Liquidate') continue
    const amount = (name: string) => event.args[name] as bigint
    return {
      transactionHash: receipt.transactionHash,
      blockNumber: Number(receipt.blockNumber),
      repaidAssetsRaw: amount('repaidAssets'),
      repaidSharesRaw: amount('repaidShares'),
      seizedAssetsRaw: amount('seizedAssets'),
      badDebtAssetsRaw: amount('badDebtAssets'),
      badDebtSharesRaw: amount('badDebtShares'),
    }
  }
  throw new Error('The liquidation left no Liquidate event')
}
