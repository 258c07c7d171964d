import { giveGas, newOwner } from '../accounts.ts'
import type { ChainAddresses } from '../addresses.ts'
import type { JsonRpc } from '../json-rpc.ts'
import type { Amount } from '../position-transactions.ts'
import type { Transactions } from '../transactions.ts'
import { MORPHO_ABI } from './abis.ts'
import type { MorphoMarketName } from './addresses.ts'
import {
  liquidateMorphoPosition,
  type MorphoLiquidation,
  type MorphoLiquidationOutcome,
} from './liquidation.ts'
import {
  type MorphoMarketState,
  type MorphoPosition,
  readAccruedMarket,
  readMarket,
  readPosition,
} from './reads.ts'
import {
  borrowLoan,
  fundMorpho,
  type MorphoAccount,
  marketCall,
  supplyCollateral,
  toRawOf,
  withdrawCollateral,
} from './transactions.ts'

export interface MorphoHolder {
  market: MorphoMarketName
  owner: string
}

export interface NewMorphoPosition {
  market: MorphoMarketName
  /** Any address; default a fresh one. */
  owner?: string
  collateral?: Amount
  borrow?: Amount
}

/** Loans at Morpho. Every function mines what it sends, and throws with the contract's reason on a revert. */
export interface MorphoPositions {
  /** Supplies collateral, then borrows, in one block, with freshly minted tokens; resolves to the owner. */
  openMorphoPosition: (position: NewMorphoPosition) => Promise<string>
  /** Many at once, in as few blocks as they fit in; resolves to the owners in the given order. */
  openMorphoPositions: (positions: readonly NewMorphoPosition[]) => Promise<string[]>
  supplyMorphoCollateral: (change: MorphoHolder & { amount: Amount }) => Promise<void>
  /** The amount 'max' withdraws everything. */
  withdrawMorphoCollateral: (change: MorphoHolder & { amount: Amount }) => Promise<void>
  /** The amount 'max' repays the whole debt. */
  repayMorpho: (change: MorphoHolder & { amount: Amount }) => Promise<void>
  /** A real liquidation by a fresh liquidator with enough tokens. */
  liquidateMorpho: (liquidation: MorphoLiquidation) => Promise<MorphoLiquidationOutcome>
  /** Lets another address, for instance a pre-liquidation contract, act for the owner; or ends that. */
  morphoAuthorize: (change: { owner: string; authorized: string; on: boolean }) => Promise<void>
  /** position() of the contract. */
  morphoPosition: (holder: MorphoHolder) => Promise<MorphoPosition>
  /** market() of the contract, as of its last update. */
  morphoMarket: (market: MorphoMarketName) => Promise<MorphoMarketState>
  /** market() after accrueInterest() at the head, both run by the node and neither of them kept. */
  morphoAccruedMarket: (market: MorphoMarketName) => Promise<MorphoMarketState>
  /** Every position that was opened here, each once, in the order of opening; some may be empty by now. */
  morphoHolders: () => readonly MorphoHolder[]
}

export interface MorphoPositionsDeps {
  rpc: JsonRpc
  transactions: Transactions
  addresses: ChainAddresses
}

export function createMorphoPositions({
  rpc,
  transactions,
  addresses,
}: MorphoPositionsDeps): MorphoPositions {
  const { morpho, multicall3 } = addresses
  const holders = new Map<string, MorphoHolder>()

  function accountOf({ market, owner }: MorphoHolder): MorphoAccount {
    return { morpho: morpho.address, market: morpho.markets[market], owner }
  }

  function positionOf({ market, owner }: MorphoHolder): Promise<MorphoPosition> {
    return readPosition(rpc, { morpho: morpho.address, id: morpho.markets[market].id, owner })
  }

  function accruedMarket(name: MorphoMarketName): Promise<MorphoMarketState> {
    return readAccruedMarket(rpc, { morpho: morpho.address, multicall3, market: morpho.markets[name] })
  }

  async function budgetOf(market: MorphoMarketName): Promise<bigint> {
    // Interest runs on until the block that repays, so everything needs a little more than the debt of now.
    return (await accruedMarket(market)).totalBorrowAssets * 2n + 1n
  }

  async function openMorphoPositions(positions: readonly NewMorphoPosition[]): Promise<string[]> {
    const opened = positions.map((position) => ({ ...position, owner: position.owner ?? newOwner() }))
    const owners = opened.map(({ owner }) => owner)
    await giveGas(rpc, owners)
    for (const { market, owner } of opened) holders.set(`${market} ${owner}`, { market, owner })
    await transactions.send(
      opened.flatMap(({ market, owner, collateral = 0n, borrow = 0n }) => {
        const account = accountOf({ market, owner })
        const supplied = toRawOf(account.market, { side: 'collateral', amount: collateral })
        const borrowed = toRawOf(account.market, { side: 'loan', amount: borrow })
        return [
          ...(supplied > 0n ? supplyCollateral(account, supplied) : []),
          ...(borrowed > 0n ? [borrowLoan(account, borrowed)] : []),
        ]
      }),
    )
    return owners
  }

  return {
    openMorphoPositions,
    openMorphoPosition: async (position) => {
      const owner = position.owner ?? newOwner()
      await openMorphoPositions([{ ...position, owner }])
      return owner
    },
    supplyMorphoCollateral: async (change) => {
      // More of what is there already, or the whole of a position that was not opened here.
      await openMorphoPositions([{ market: change.market, owner: change.owner, collateral: change.amount }])
    },
    withdrawMorphoCollateral: async ({ amount, ...holder }) => {
      const account = accountOf(holder)
      const everything = amount === 'max' ? (await positionOf(holder)).collateral : amount
      await giveGas(rpc, [holder.owner])
      const raw = toRawOf(account.market, { side: 'collateral', amount: everything })
      await transactions.send([withdrawCollateral(account, raw)])
    },
    repayMorpho: async ({ amount, ...holder }) => {
      const account = accountOf(holder)
      const all = amount === 'max'
      const assets = all ? 0n : toRawOf(account.market, { side: 'loan', amount })
      // Only in shares can a whole debt be named that grows until it is repaid.
      const shares = all ? (await positionOf(holder)).borrowShares : 0n
      await giveGas(rpc, [holder.owner])
      await transactions.send([
        ...fundMorpho(account, { side: 'loan', amount: all ? await budgetOf(holder.market) : assets }),
        marketCall(account, { method: 'repay', args: [assets, shares, holder.owner, '0x'] }),
      ])
    },
    liquidateMorpho: async ({ market, owner, seizedRaw = 0n, repaidSharesRaw }) => {
      const liquidator = newOwner()
      const rest = seizedRaw === 0n ? (await positionOf({ market, owner })).borrowShares : 0n
      const budgetRaw = await budgetOf(market)
      await giveGas(rpc, [liquidator])
      return await liquidateMorphoPosition(transactions, {
        account: accountOf({ market, owner: liquidator }),
        borrower: owner,
        seizedRaw,
        repaidSharesRaw: repaidSharesRaw ?? rest,
        budgetRaw,
      })
    },
    morphoAuthorize: async ({ owner, authorized, on }) => {
      await giveGas(rpc, [owner])
      const data = MORPHO_ABI.encodeFunctionData('setAuthorization', [authorized, on])
      await transactions.send([{ label: 'setAuthorization', from: owner, to: morpho.address, data }])
    },
    morphoPosition: positionOf,
    morphoMarket: (name) => readMarket(rpc, { morpho: morpho.address, id: morpho.markets[name].id }),
    morphoAccruedMarket: accruedMarket,
    morphoHolders: () => [...holders.values()],
  }
}
