import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocalChain, type LocalChain } from '../../chain/local-chain.ts'

let chain: LocalChain

beforeAll(async () => {
  chain = await createLocalChain()
}, 60_000)

afterAll(() => chain.stop())

interface Head {
  number: number
  timestamp: number
}

async function head(): Promise<Head> {
  const block = (await chain.rpc.send('eth_getBlockByNumber', ['latest', false])) as Record<
    keyof Head,
    string
  >
  return { number: Number(block.number), timestamp: Number(block.timestamp) }
}

/** Mines a block and expects its time to be the wall clock's plus the given seconds, however long mining takes. */
async function expectClockAheadBy(seconds: number): Promise<void> {
  const earliest = Math.floor(Date.now() / 1000) + seconds - 1
  await chain.mine(1)
  const latest = Math.ceil(Date.now() / 1000) + seconds + 1
  const { timestamp } = await head()
  expect(timestamp).toBeGreaterThanOrEqual(earliest)
  expect(timestamp).toBeLessThanOrEqual(latest)
}

describe('the chain', () => {
  it('starts at the present time with some blocks behind it', async () => {
    expect((await head()).number).toBeGreaterThan(60)
    await expectClockAheadBy(0)
  })

  it('mines many blocks at once without moving its clock', async () => {
    const before = await head()
    await chain.mine(500)
    const after = await head()
    expect(after.number).toBe(before.number + 500)
    await expectClockAheadBy(0)
  })

  it('goes back to a snapshot in state, block and clock', async () => {
    const before = await head()
    const snapshot = await chain.snapshot()
    const owner = await chain.openPosition({ supply: [{ asset: 'WMON', amount: '1' }] })
    await chain.setPrice({ asset: 'WMON', usd: 1 })
    await chain.accrueTime(86_400)
    await expectClockAheadBy(86_400)
    await chain.revert(snapshot)
    expect(await head()).toEqual(before)
    expect(await chain.price('WMON')).toBe(400_000_000n)
    expect((await chain.accountData('main', owner)).totalCollateralBase).toBe(0n)
    await expectClockAheadBy(0)
    await expect(chain.revert(snapshot)).rejects.toThrow('no snapshot')
  })

  it('stays ahead of the wall clock by the time that was let pass', async () => {
    await chain.accrueTime(1_000)
    const snapshot = await chain.snapshot()
    await chain.accrueTime(500)
    await expectClockAheadBy(1_500)
    await chain.revert(snapshot)
    await expectClockAheadBy(1_000)
  })

  it('mines by the clock on demand, and scenarios do not wait for it', async () => {
    // So rare that only the scenario itself can have mined.
    await chain.startBlocks(3_600)
    const owner = await chain.openPosition({
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '2000' }],
    })
    await chain.movePrice({ asset: 'WMON', percent: -25 })
    expect((await chain.accountData('main', owner)).healthFactorWad).toBe(1_125_000_000_000_000_000n)

    await chain.startBlocks(1)
    const { number } = await head()
    await expect.poll(async () => (await head()).number, { timeout: 15_000 }).toBeGreaterThan(number + 1)

    await chain.stopBlocks()
    await chain.setPrice({ asset: 'WMON', usd: 4 })
    expect((await chain.accountData('main', owner)).healthFactorWad).toBe(1_500_000_000_000_000_000n)
  }, 30_000)

  it('makes a contract refuse every call and brings it back', async () => {
    const { pool } = chain.addresses.markets.isolated
    const owner = await chain.openPosition({ market: 'isolated', supply: [{ asset: 'USDC', amount: '10' }] })
    await chain.makeCallsRevert(pool)
    await chain.makeCallsRevert(pool.toLowerCase())
    await expect(chain.accountData('isolated', owner)).rejects.toThrow(/revert/)
    await chain.restoreCode(pool)
    expect((await chain.accountData('isolated', owner)).totalCollateralBase).toBe(1_000_000_000n)
    await expect(chain.restoreCode(pool)).rejects.toThrow('never replaced')
  })

  it('takes scenarios that run side by side', async () => {
    const position = { supply: [{ asset: 'WMON', amount: '10' }], borrow: [{ asset: 'USDC', amount: '5' }] }
    const work = Array.from({ length: 8 }, () => chain.openPosition(position))
    const owners = await Promise.all([
      ...work,
      chain.setPrice({ asset: 'WMON', usd: 4 }).then(() => chain.newOwner()),
    ])
    for (const owner of owners.slice(0, 8)) {
      expect((await chain.accountData('main', owner)).totalDebtBase).toBe(500_000_000n)
    }
  })
})
