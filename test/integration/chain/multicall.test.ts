import { Interface } from 'ethers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { POOL_ABI } from '../../chain/abis.ts'
import { createLocalChain, type LocalChain } from '../../chain/local-chain.ts'

const MULTICALL = new Interface([
  'function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[])',
  'function getBlockNumber() view returns (uint256)',
  'function getLastBlockHash() view returns (bytes32)',
  'function getCurrentBlockTimestamp() view returns (uint256)',
  'function getChainId() view returns (uint256)',
])

interface Block {
  number: string
  timestamp: string
  hash: string
  parentHash: string
}

interface Call {
  target: string
  callData: string
}

let chain: LocalChain

beforeAll(async () => {
  chain = await createLocalChain()
}, 60_000)

afterAll(() => chain.stop())

async function blockAt(tag: string): Promise<Block> {
  return (await chain.rpc.send('eth_getBlockByNumber', [tag, false])) as Block
}

async function aggregate(calls: readonly Call[], tag: string) {
  const to = chain.addresses.multicall3
  const list = calls.map((call) => ({ ...call, allowFailure: true }))
  const data = MULTICALL.encodeFunctionData('aggregate3', [list])
  const answer = (await chain.rpc.send('eth_call', [{ to, data }, tag])) as string
  const [results] = MULTICALL.decodeFunctionResult('aggregate3', answer)
  return results as { success: boolean; returnData: string }[]
}

async function whereAmI(tag: string) {
  const target = chain.addresses.multicall3
  const names = ['getBlockNumber', 'getCurrentBlockTimestamp', 'getLastBlockHash'] as const
  const calls = names.map((name) => ({ target, callData: MULTICALL.encodeFunctionData(name) }))
  const [number, timestamp, lastHash] = await aggregate(calls, tag)
  return {
    number: BigInt(number?.returnData ?? 0),
    timestamp: BigInt(timestamp?.returnData ?? 0),
    lastHash: lastHash?.returnData,
  }
}

describe('Multicall3', () => {
  it('is at its canonical address on the right chain', async () => {
    expect(chain.addresses.multicall3).toBe('0xcA11bde05977b3631167028862bE2a173976CA11')
    const callData = MULTICALL.encodeFunctionData('getChainId')
    const [answer] = await aggregate([{ target: chain.addresses.multicall3, callData }], 'latest')
    expect(BigInt(answer?.returnData ?? 0)).toBe(143n)
  })

  it('sees number, time and parent of the block that the call is pinned to', async () => {
    const pinned = await blockAt('latest')
    await chain.accrueTime(1_000)
    await chain.mine(5)
    expect(await whereAmI(pinned.number)).toEqual({
      number: BigInt(pinned.number),
      timestamp: BigInt(pinned.timestamp),
      lastHash: pinned.parentHash,
    })
  })

  it('sees the head when the call is not pinned', async () => {
    const head = await blockAt('latest')
    expect(await whereAmI('latest')).toEqual({
      number: BigInt(head.number),
      timestamp: BigInt(head.timestamp),
      lastHash: head.parentHash,
    })
  })

  it('sees one block further, with the head as parent, when the call is on the pending block', async () => {
    const head = await blockAt('latest')
    const pending = await whereAmI('pending')
    expect(pending.number).toBe(BigInt(head.number) + 1n)
    expect(pending.lastHash).toBe(head.hash)
  })

  it('reads the state of the pinned block', async () => {
    const owner = await chain.openPosition({
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '2000' }],
    })
    const { number } = await blockAt('latest')
    await chain.setPrice({ asset: 'WMON', usd: 3 })
    const call = {
      target: chain.addresses.markets.main.pool,
      callData: POOL_ABI.encodeFunctionData('getUserAccountData', [owner]),
    }
    const healthAt = async (tag: string) => {
      const [answer] = await aggregate([call], tag)
      const data = POOL_ABI.decodeFunctionResult('getUserAccountData', answer?.returnData ?? '0x')
      return data['healthFactor'] as bigint
    }
    expect(await healthAt(number)).toBe(1_500_000_000_000_000_000n)
    expect(await healthAt('latest')).toBe(1_125_000_000_000_000_000n)
  })

  it('tells a failing call from the others', async () => {
    await chain.failOracle({ asset: 'PT-AUSD', failing: true })
    const owner = await chain.openPosition({ supply: [{ asset: 'WMON', amount: '1' }] })
    const callData = POOL_ABI.encodeFunctionData('getUserAccountData', [owner])
    const { main, isolated } = chain.addresses.markets
    const price = chain.addresses.markets.isolated.oracle
    const priceOf = new Interface(['function getAssetPrice(address) view returns (uint256)'])
    const token = isolated.reserves['PT-AUSD']?.token
    const results = await aggregate(
      [
        { target: main.pool, callData },
        { target: price, callData: priceOf.encodeFunctionData('getAssetPrice', [token]) },
      ],
      'latest',
    )
    expect(results.map(({ success }) => success)).toEqual([true, false])
    await chain.failOracle({ asset: 'PT-AUSD', failing: false })
  })
})
