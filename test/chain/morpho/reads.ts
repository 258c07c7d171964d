import { Interface, type Result } from 'ethers'
import { type ContractCall, readContract } from '../contract-call.ts'
import type { JsonRpc } from '../json-rpc.ts'
import { MORPHO_ABI } from './abis.ts'
import { type MorphoMarketAddresses, marketParamsOf } from './addresses.ts'

/** A position as the contract keeps it. */
export interface MorphoPosition {
  supplyShares: bigint
  borrowShares: bigint
  /** In the smallest unit of the collateral. */
  collateral: bigint
}

/** A market as the contract keeps it. Assets in the smallest unit of the loan token. */
export interface MorphoMarketState {
  totalSupplyAssets: bigint
  totalSupplyShares: bigint
  totalBorrowAssets: bigint
  totalBorrowShares: bigint
  /** Unix seconds. */
  lastUpdate: bigint
  /** 1e18 = 100 %. */
  fee: bigint
}

const MULTICALL_ABI = new Interface([
  'function aggregate((address target, bytes callData)[] calls) returns (uint256 blockNumber, bytes[] returnData)',
])

export async function readPosition(
  rpc: JsonRpc,
  { morpho, id, owner }: { morpho: string; id: string; owner: string },
): Promise<MorphoPosition> {
  const call: ContractCall = { to: morpho, abi: MORPHO_ABI, method: 'position', args: [id, owner] }
  const [supplyShares, borrowShares, collateral] = numbers(await readContract(rpc, call))
  return { supplyShares: supplyShares ?? 0n, borrowShares: borrowShares ?? 0n, collateral: collateral ?? 0n }
}

export async function readMarket(
  rpc: JsonRpc,
  { morpho, id }: { morpho: string; id: string },
): Promise<MorphoMarketState> {
  return toMarket(await readContract(rpc, { to: morpho, abi: MORPHO_ABI, method: 'market', args: [id] }))
}

/**
 * What the contract itself makes of the market at the head: `accrueInterest`, then `market`, both run by the node in
 * one call at the head's own timestamp. Nothing is written and nothing is computed here.
 */
export async function readAccruedMarket(
  rpc: JsonRpc,
  { morpho, multicall3, market }: { morpho: string; multicall3: string; market: MorphoMarketAddresses },
): Promise<MorphoMarketState> {
  const calls = [
    [morpho, MORPHO_ABI.encodeFunctionData('accrueInterest', [marketParamsOf(market)])],
    [morpho, MORPHO_ABI.encodeFunctionData('market', [market.id])],
  ]
  const answer = await readContract(rpc, {
    to: multicall3,
    abi: MULTICALL_ABI,
    method: 'aggregate',
    args: [calls],
  })
  const [, last] = answer['returnData'] as string[]
  return toMarket(MORPHO_ABI.decodeFunctionResult('market', last ?? '0x'))
}

function toMarket(result: Result): MorphoMarketState {
  const [supplyAssets, supplyShares, borrowAssets, borrowShares, lastUpdate, fee] = numbers(result)
  return {
    totalSupplyAssets: supplyAssets ?? 0n,
    totalSupplyShares: supplyShares ?? 0n,
    totalBorrowAssets: borrowAssets ?? 0n,
    totalBorrowShares: borrowShares ?? 0n,
    lastUpdate: lastUpdate ?? 0n,
    fee: fee ?? 0n,
  }
}

function numbers(result: Result): bigint[] {
  return result.toArray() as bigint[]
}
