import { AbiCoder, id } from 'ethers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLocalChain, type LocalChain } from '../../chain/local-chain.ts'

let chain: LocalChain
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
}, 60_000)

afterAll(() => chain.stop())

beforeEach(async () => {
  snapshot = await chain.snapshot()
})

afterEach(() => chain.revert(snapshot))

async function readFeed(signature: string): Promise<bigint> {
  const to = chain.addresses.markets.main.reserves['WMON']?.aggregator
  const data = id(signature).slice(0, 10)
  return BigInt((await chain.rpc.send('eth_call', [{ to, data }, 'latest'])) as string)
}

async function headTimestamp(): Promise<bigint> {
  const head = (await chain.rpc.send('eth_getBlockByNumber', ['latest', false])) as { timestamp: string }
  return BigInt(head.timestamp)
}

describe('a price feed', () => {
  it('carries a set price and a moved price to the oracle', async () => {
    await chain.setPrice({ asset: 'WMON', usd: 3.21 })
    expect(await chain.price('WMON')).toBe(321_000_000n)
    await chain.movePrice({ asset: 'WMON', percent: -20 })
    expect(await chain.price('WMON')).toBe(256_800_000n)
    await chain.movePrice({ asset: 'WMON', percent: 0.5 })
    expect(await chain.price('WMON')).toBe(258_084_000n)
  })

  it('moves in every market that lists the asset unless one is named', async () => {
    await chain.movePrice({ asset: 'USDC', percent: -10 })
    expect(await chain.price('USDC', 'main')).toBe(90_000_000n)
    expect(await chain.price('USDC', 'isolated')).toBe(90_000_000n)
    await chain.setPrice({ asset: 'USDC', market: 'isolated', usd: 1 })
    expect(await chain.price('USDC', 'main')).toBe(90_000_000n)
    expect(await chain.price('USDC', 'isolated')).toBe(100_000_000n)
  })

  it('refuses an asset that no market lists', async () => {
    await expect(chain.setPrice({ asset: 'DOGE', usd: 1 })).rejects.toThrow('No market lists DOGE')
    await expect(chain.setPrice({ asset: 'WMON', market: 'isolated', usd: 1 })).rejects.toThrow(
      'No reserve WMON',
    )
  })

  it('stands still while frozen and catches up when thawed', async () => {
    const { supply, borrow } = {
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '2000' }],
    }
    const owner = await chain.openPosition({ supply, borrow })
    const updatedAt = await readFeed('latestTimestamp()')
    await chain.freezeOracle({ asset: 'WMON', frozen: true })
    await chain.accrueTime(600)
    await chain.movePrice({ asset: 'WMON', percent: -50 })
    await chain.setPrice({ asset: 'WMON', usd: 3 })
    expect(await chain.price('WMON')).toBe(400_000_000n)
    expect((await chain.accountData('main', owner)).totalCollateralBase).toBe(400_000_000_000n)
    expect(await readFeed('latestTimestamp()')).toBe(updatedAt)

    await chain.freezeOracle({ asset: 'WMON', frozen: false })
    expect(await chain.price('WMON')).toBe(300_000_000n)
    expect((await chain.accountData('main', owner)).totalCollateralBase).toBe(300_000_000_000n)
    expect(await readFeed('latestTimestamp()')).toBe(await headTimestamp())
  })

  it('has an age that grows until the next price', async () => {
    await chain.setPrice({ asset: 'WMON', usd: 4 })
    const updatedAt = await readFeed('latestTimestamp()')
    await chain.accrueTime(3_600)
    expect(await readFeed('latestTimestamp()')).toBe(updatedAt)
    expect((await headTimestamp()) - updatedAt).toBeGreaterThanOrEqual(3_600n)
  })

  it('answers like a Chainlink feed', async () => {
    const to = chain.addresses.markets.main.reserves['WMON']?.aggregator
    const data = id('latestRoundData()').slice(0, 10)
    const reply = (await chain.rpc.send('eth_call', [{ to, data }, 'latest'])) as string
    const types = ['uint80', 'int256', 'uint256', 'uint256', 'uint80']
    const [round, answer, , updatedAt] = AbiCoder.defaultAbiCoder().decode(types, reply)
    expect([round, answer, updatedAt]).toEqual([1n, 400_000_000n, await readFeed('latestTimestamp()')])
    expect(await readFeed('decimals()')).toBe(8n)
  })

  it('takes the health factor down with it when it fails, in its own market only', async () => {
    const owner = await chain.openPosition({
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '2000' }],
    })
    await chain.openPosition({ market: 'isolated', owner, supply: [{ asset: 'USDC', amount: '10' }] })
    await chain.failOracle({ asset: 'USDC', market: 'main', failing: true })
    await expect(chain.accountData('main', owner)).rejects.toThrow(/revert/)
    expect((await chain.accountData('isolated', owner)).totalCollateralBase).toBe(1_000_000_000n)
    await chain.failOracle({ asset: 'USDC', market: 'main', failing: false })
    expect((await chain.accountData('main', owner)).healthFactorWad).toBe(1_500_000_000_000_000_000n)
  })
})
