import { randomBytes } from 'node:crypto'
import { getAddress, hexlify } from 'ethers'
import type { JsonRpc } from './json-rpc.ts'

/** An address that nobody has used. */
export function newOwner(): string {
  return getAddress(hexlify(randomBytes(20)))
}

/** Enough to pay for any number of transactions. */
export async function giveGas(rpc: JsonRpc, accounts: readonly string[]): Promise<void> {
  const balanceWei = '0x56bc75e2d63100000'
  await rpc.sendAll(
    accounts.map((account) => ({ method: 'anvil_setBalance', params: [account, balanceWei] })),
  )
}
