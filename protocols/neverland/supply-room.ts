import type { ChainReader } from '../../src/chain/chain-reader.ts'
import { tokenAbi } from './abi.ts'
import type { Reserve } from './reserves.ts'
import { wordOf } from './words-of.ts'

const TOTAL_SUPPLY = tokenAbi.encodeFunctionData('totalSupply')
/** Interest goes on until the transaction and takes room too: one in so many of the cap is left for it. */
const MARGIN = 10_000n

/**
 * How much more each reserve takes, in the token's smallest unit: `null` without a cap, 0 when it takes none now, be it
 * full, frozen, paused or silent about its supply.
 */
export async function readSupplyRoom(
  reserves: readonly Reserve[],
  at: ChainReader,
): Promise<ReadonlyMap<Reserve, bigint | null>> {
  const results = await at.call(reserves.map(({ aToken }) => ({ to: aToken, data: TOTAL_SUPPLY })))
  return new Map(reserves.map((reserve, index) => [reserve, roomOf(reserve, wordOf(results[index]))]))
}

function roomOf(reserve: Reserve, suppliedRaw: bigint | undefined): bigint | null {
  const { active, frozen, paused, supplyCapRaw, accruedRaw } = reserve
  if (!active || frozen || paused) return 0n
  if (supplyCapRaw === null) return null
  if (suppliedRaw === undefined) return 0n
  const roomRaw = supplyCapRaw - suppliedRaw - accruedRaw - supplyCapRaw / MARGIN
  return roomRaw > 0n ? roomRaw : 0n
}
