import { id } from 'ethers'
import type { JsonRpc } from '../../chain/json-rpc.ts'
import type { FakeEulerSubgraph } from './server.ts'

const CONTROLLER_STATUS = id('ControllerStatus(address,address,bool)')
const COLLATERAL_STATUS = id('CollateralStatus(address,address,bool)')

interface Log {
  topics: string[]
  data: string
}

/** From now on the subgraph indexes what the vault connector tells, up to the head. What was given up stays listed. */
export function followChain(subgraph: FakeEulerSubgraph, { rpc, evc }: { rpc: JsonRpc; evc: string }): void {
  let next = 0
  let last = Promise.resolve()

  async function index(): Promise<void> {
    const head = Number(await rpc.send('eth_blockNumber'))
    if (head < next) return
    const range = { fromBlock: `0x${next.toString(16)}`, toBlock: `0x${head.toString(16)}` }
    const topics = [[CONTROLLER_STATUS, COLLATERAL_STATUS]]
    const logs = (await rpc.send('eth_getLogs', [{ address: evc, topics, ...range }])) as Log[]
    for (const { topics: words, data } of logs) {
      const [event, account = '', vault = ''] = words
      if (BigInt(data) === 0n) continue
      const kind = event === CONTROLLER_STATUS ? 'borrows' : 'deposits'
      subgraph.add({ account: addressIn(account), vault: addressIn(vault), kind })
    }
    next = head + 1
    subgraph.blockNumber = head
  }

  // One query after the other, so that nothing is indexed twice.
  subgraph.look = () => {
    last = last.then(index, index)
    return last
  }
}

function addressIn(topic: string): string {
  return `0x${topic.slice(26)}`
}
