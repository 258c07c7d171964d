import type { JsonRpc } from './json-rpc.ts'
import { toHexQuantity } from './json-rpc.ts'
import type { Transactions } from './transactions.ts'

/** What happens to the chain as a whole, whatever is deployed on it. */
export interface ChainControl {
  /**
   * Lets time pass for contracts: one block that many seconds later. The chain's clock stays ahead of the wall clock
   * by the sum of all calls, for good, and goes on from there at normal speed.
   */
  accrueTime: (seconds: number) => Promise<void>
  /** Mines that many blocks, at once and at the chain's present time. */
  mine: (blocks: number) => Promise<void>
  /** A block every so many whole seconds, like a live chain; scenarios are still mined at once. */
  startBlocks: (seconds: number) => Promise<void>
  /** Back to a block per transaction. */
  stopBlocks: () => Promise<void>
  /** Replaces the code at the address by code that refuses every call. Storage stays. */
  makeCallsRevert: (address: string) => Promise<void>
  /** Undoes `makeCallsRevert`. */
  restoreCode: (address: string) => Promise<void>
  snapshot: () => Promise<string>
  /** Back to the snapshot, which is used up by it, with the clock as far ahead as it was then. */
  revert: (snapshotId: string) => Promise<void>
}

interface ChainControlDeps {
  rpc: JsonRpc
  transactions: Transactions
}

// PUSH1 0, PUSH1 0, REVERT: no reason, no data.
const REVERTING_CODE = '0x60006000fd'

export function createChainControl({ rpc, transactions }: ChainControlDeps): ChainControl {
  const secondsAheadAt = new Map<string, number>()
  const originalCodes = new Map<string, unknown>()
  let secondsAhead = 0

  return {
    accrueTime: async (seconds) => {
      secondsAhead += seconds
      await rpc.send('evm_increaseTime', [seconds])
      await rpc.send('evm_mine')
    },
    mine: async (blocks) => {
      await rpc.send('anvil_mine', [toHexQuantity(blocks)])
    },
    startBlocks: (seconds) => transactions.mineEvery(seconds),
    stopBlocks: () => transactions.mineEvery(undefined),
    makeCallsRevert: async (address) => {
      const key = address.toLowerCase()
      // A second call must not take the replacement for the original.
      if (!originalCodes.has(key)) originalCodes.set(key, await rpc.send('eth_getCode', [address, 'latest']))
      await rpc.send('anvil_setCode', [address, REVERTING_CODE])
    },
    restoreCode: async (address) => {
      const key = address.toLowerCase()
      if (!originalCodes.has(key)) throw new Error(`The code at ${address} was never replaced`)
      await rpc.send('anvil_setCode', [address, originalCodes.get(key)])
      originalCodes.delete(key)
    },
    snapshot: async () => {
      const id = (await rpc.send('evm_snapshot')) as string
      secondsAheadAt.set(id, secondsAhead)
      return id
    },
    revert: async (snapshotId) => {
      const known = secondsAheadAt.get(snapshotId)
      const done = known === undefined ? false : await rpc.send('evm_revert', [snapshotId])
      if (known === undefined || done !== true) throw new Error(`There is no snapshot ${snapshotId} any more`)
      secondsAheadAt.delete(snapshotId)
      secondsAhead = known
      // The node resumes its clock where the snapshot was taken, which would leave it behind the wall clock.
      await rpc.send('evm_setTime', [Math.floor(Date.now() / 1000) + secondsAhead])
    },
  }
}
