import type { ChainLog } from '../../src/chain/chain-log.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { lower } from './neverland-kit.ts'

interface RawLog {
  address: string
  topics: string[]
  data: string
  blockNumber: string
  blockHash: string
  transactionHash: string
  logIndex: string
}

/** The logs of a contract since a block (default all), as the chain keeps them. */
export async function logsOf(
  chain: LocalChain,
  { address, fromBlock = 0 }: { address: string | readonly string[]; fromBlock?: number },
): Promise<ChainLog[]> {
  const filter = { address, fromBlock: `0x${fromBlock.toString(16)}`, toBlock: 'latest' }
  const logs = (await chain.rpc.send('eth_getLogs', [filter])) as RawLog[]
  return logs.map((log) => ({
    address: lower(log.address),
    topics: log.topics.map((topic) => topic.toLowerCase()),
    data: log.data.toLowerCase(),
    blockNumber: Number(log.blockNumber),
    blockHash: log.blockHash,
    transactionHash: log.transactionHash,
    logIndex: Number(log.logIndex),
  }))
}
