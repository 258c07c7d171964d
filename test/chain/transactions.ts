import { AbiCoder, dataSlice } from 'ethers'
import { type JsonRpc, toHexQuantity } from './json-rpc.ts'

export interface Transaction {
  /** What it does, for the error message. */
  label: string
  from: string
  /** Missing for a contract creation. */
  to?: string
  data: string
  gas?: bigint
}

export interface Receipt {
  transactionHash: string
  blockNumber: string
  status: string
  logs: { address: string; topics: string[]; data: string }[]
}

export interface Transactions {
  /** Sends in the given order, mines at once, and throws with the contract's reason when one reverts. */
  send: (transactions: readonly Transaction[]) => Promise<Receipt[]>
  /** Blocks by the clock instead of one per transaction; undefined goes back. */
  mineEvery: (seconds: number | undefined) => Promise<void>
}

const DEFAULT_GAS = 3_000_000n
// The node's pool slows down with the square of what waits in it.
const MAX_WAITING = 200
const MAX_BLOCKS = 100

/** The only way in which the chain's own functions write to it: one at a time, each set in as few blocks as fit. */
export function createTransactions(rpc: JsonRpc): Transactions {
  let last: Promise<unknown> = Promise.resolve()
  let intervalSeconds: number | undefined

  // Nonces are read before sending, so two senders must not overlap.
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work, work)
    last = mine
    return mine
  }

  async function sendAndMine(transactions: readonly Transaction[]): Promise<Receipt[]> {
    if (intervalSeconds !== undefined) return await submit(rpc, transactions)
    // All of one scenario belongs in one block, at one timestamp.
    await rpc.send('evm_setAutomine', [false])
    try {
      return await submit(rpc, transactions)
    } finally {
      await rpc.send('evm_setAutomine', [true])
    }
  }

  return {
    send: (transactions) =>
      inTurn(async () => {
        const receipts = await sendAndMine(transactions)
        const failed = receipts.findIndex((receipt) => receipt.status !== '0x1')
        const receipt = receipts[failed]
        if (receipt === undefined) return receipts
        const reason = await revertReason(rpc, receipt.transactionHash)
        throw new Error(`${transactions[failed]?.label ?? 'transaction'} reverted: ${reason}`)
      }),
    mineEvery: (seconds) =>
      inTurn(async () => {
        intervalSeconds = seconds
        if (seconds === undefined) await rpc.send('evm_setAutomine', [true])
        else await rpc.send('evm_setIntervalMining', [seconds])
      }),
  }
}

async function submit(rpc: JsonRpc, transactions: readonly Transaction[]): Promise<Receipt[]> {
  const nonces = await readNonces(rpc, transactions)
  const receipts: Receipt[] = []
  for (let start = 0; start < transactions.length; start += MAX_WAITING) {
    const calls = transactions.slice(start, start + MAX_WAITING).map((transaction) => {
      const nonce = nonces.get(transaction.from) ?? 0n
      nonces.set(transaction.from, nonce + 1n)
      return { method: 'eth_sendTransaction', params: [toRequest(transaction, nonce)] }
    })
    receipts.push(...(await mineUntilDone(rpc, await rpc.sendAll(calls))))
  }
  return receipts
}

async function readNonces(rpc: JsonRpc, transactions: readonly Transaction[]): Promise<Map<string, bigint>> {
  const senders = [...new Set(transactions.map(({ from }) => from))]
  const nonces = (await rpc.sendAll(
    senders.map((sender) => ({ method: 'eth_getTransactionCount', params: [sender, 'pending'] })),
  )) as string[]
  return new Map(senders.map((sender, index) => [sender, BigInt(nonces[index] ?? 0)]))
}

function toRequest(transaction: Transaction, nonce: bigint): Record<string, string> {
  return {
    from: transaction.from,
    ...(transaction.to === undefined ? {} : { to: transaction.to }),
    data: transaction.data,
    // Given, so that the node does not run each transaction once more to estimate it.
    gas: toHexQuantity(transaction.gas ?? DEFAULT_GAS),
    nonce: toHexQuantity(nonce),
  }
}

async function mineUntilDone(rpc: JsonRpc, hashes: readonly unknown[]): Promise<Receipt[]> {
  for (let block = 0; block < MAX_BLOCKS; block += 1) {
    await rpc.send('evm_mine')
    // Mined in order of nonces, but not across senders: only all receipts together tell the end.
    const receipts = (await rpc.sendAll(
      hashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
    )) as (Receipt | null)[]
    const mined = receipts.filter((receipt) => receipt !== null)
    if (mined.length === hashes.length) return mined
  }
  throw new Error('The node does not mine all transactions')
}

async function revertReason(rpc: JsonRpc, hash: string): Promise<string> {
  const trace = (await rpc.send('debug_traceTransaction', [hash, { tracer: 'callTracer' }])) as {
    output?: string
    error?: string
  }
  const output = trace.output ?? '0x'
  if (!output.startsWith('0x08c379a0')) return `${trace.error ?? 'unknown reason'} ${output}`
  return String(AbiCoder.defaultAbiCoder().decode(['string'], dataSlice(output, 4))[0])
}
