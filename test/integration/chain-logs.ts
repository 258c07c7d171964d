import { id } from 'ethers'
import type { StrategyLogs } from '../../protocols/strategy.ts'
import type { ChainLog } from '../../src/chain/chain-log.ts'
import type { ReadLogs } from '../../src/monitor/follow-logs.ts'
import { createJsonRpc } from '../chain/json-rpc.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { lower } from './neverland-kit.ts'

/** What a node answers to `eth_getLogs`. */
interface NodeLog extends Omit<ChainLog, 'blockNumber' | 'logIndex'> {
  readonly blockNumber: string
  readonly logIndex: string
}

/** Reads logs from one endpoint with nothing around it: no failover, no pace, no limits. */
export function readLogsFrom(url: string): ReadLogs {
  return async ({ addresses, topics, fromBlock, toBlock, signal }) => {
    const rpc = createJsonRpc(url, signal)
    const filter = {
      address: addresses,
      topics: [topics],
      fromBlock: `0x${fromBlock.toString(16)}`,
      toBlock: `0x${toBlock.toString(16)}`,
    }
    try {
      const found = (await rpc.send('eth_getLogs', [filter])) as NodeLog[]
      const logs = found.map((log) => ({
        ...log,
        address: lower(log.address),
        blockNumber: Number(log.blockNumber),
        logIndex: Number(log.logIndex),
      }))
      return { ok: true, value: { logs, toBlock } }
    } catch (error) {
      return { ok: false, reason: error instanceof Error ? error.message : 'unknown' }
    }
  }
}

/** The pool's events that name an owner, and the topic in which they do. */
const OWNER_TOPIC = new Map([
  [id('Supply(address,address,address,uint256,uint16)'), 2],
  [id('Borrow(address,address,address,uint256,uint8,uint256,uint16)'), 2],
  [id('Repay(address,address,address,uint256,bool)'), 2],
  [id('Withdraw(address,address,address,uint256)'), 2],
  [id('LiquidationCall(address,address,address,uint256,uint256,address,bool)'), 3],
])

/** The real pool's events, read by a decoder that only finds out whom they concern. */
export function poolLogs(chain: LocalChain): StrategyLogs {
  const pool = lower(chain.addresses.markets.main.pool)
  return {
    filter: () => Promise.resolve({ addresses: [pool], topics: [...OWNER_TOPIC.keys()] }),
    decode: ({ topics }) => {
      const place = OWNER_TOPIC.get(topics[0] ?? '')
      const owner = lower(`0x${(topics[place ?? 0] ?? '').slice(-40)}`)
      if (place === 3) return [{ kind: 'liquidated', owner, key: owner, repaid: null, seized: null }]
      return place === undefined ? [] : [{ kind: 'touched', owner }]
    },
  }
}
