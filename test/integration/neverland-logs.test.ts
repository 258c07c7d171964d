import { id } from 'ethers'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { aTokenEvents, configEvents, poolEvents, topicNames } from '../../protocols/neverland/events.ts'
import type { LendingStrategy, LogEvent, LogFilter } from '../../protocols/strategy.ts'
import type { ChainLog } from '../../src/chain/chain-log.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import { reserveOf } from '../chain/addresses.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createMarketActs, type MarketActs } from '../chain/market-acts.ts'
import { type Bench, createBench, lower, neverlandOf } from './neverland-kit.ts'

const LOAN = {
  supply: [{ asset: 'WMON', amount: '1000' }],
  borrow: [{ asset: 'USDC', amount: '2000' }],
} as const

let chain: LocalChain
let bench: Bench
let acts: MarketActs
let strategy: LendingStrategy
let filter: LogFilter
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
  acts = await createMarketActs(chain)
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  bench = await createBench(chain)
  strategy = neverlandOf(chain)
  filter = await bench.at((at) => strategy.logs.filter(at))
})
afterEach(async () => {
  await bench.stop()
  await chain.revert(snapshot)
})

interface RawLog extends Omit<ChainLog, 'blockNumber' | 'logIndex'> {
  readonly blockNumber: string
  readonly logIndex: string
}

/** What the filter lets through of everything that `work` left on the chain. */
async function logsOf(work: () => Promise<unknown>): Promise<ChainLog[]> {
  const before = Number(await chain.rpc.send('eth_blockNumber'))
  await work()
  const raw = (await chain.rpc.send('eth_getLogs', [
    {
      fromBlock: `0x${(before + 1).toString(16)}`,
      toBlock: 'latest',
      address: filter.addresses,
      topics: [filter.topics],
    },
  ])) as RawLog[]
  return raw.map((log) => ({
    ...log,
    address: lower(log.address),
    blockNumber: Number(log.blockNumber),
    logIndex: Number(log.logIndex),
  }))
}

async function eventsOf(work: () => Promise<unknown>): Promise<LogEvent[]> {
  return (await logsOf(work)).flatMap((log) => strategy.logs.decode(log))
}

function touchedIn(events: readonly LogEvent[]): string[] {
  return [...new Set(events.flatMap((event) => (event.kind === 'touched' ? [event.owner] : [])))].sort()
}

describe('topics', () => {
  it('are the hashes that the published contracts use', () => {
    const published = {
      Supply: '0x2b627736bca15cd5381dcf80b0bf11fd197d01a037c52b927a881a10fb73ba61',
      Withdraw: '0x3115d1449a7b732c986cba18244e897a450f61e1bb8d589cd2e69e6c8924f9f7',
      Borrow: '0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0',
      Repay: '0xa534c8dbe71f871f9f3530e97a74601fea17b426cae02e1c5aee42c96c784051',
      LiquidationCall: '0xe413a321e8681d831f4dbccbca790d2952b56f977908e45be37335533e005286',
      ReserveUsedAsCollateralEnabled: '0x00058a56ea94653cdf4f152d227ace22d4c00ad99e2a43f58cb7d9e3feb295f2',
      ReserveUsedAsCollateralDisabled: '0x44c58d81365b66dd4b1a7f36c25aa97b8c71c361ee4937adc1a00000227db5dd',
      UserEModeSet: '0xd728da875fc88944cbf17638bcbe4af0eedaef63becd1d1c57cc097eb4608d84',
    }
    const tokens = {
      BalanceTransfer: '0x4beccb90f994c31aced7a23b5611020728a23d8ec5cddd1a3e9d97b96fda8666',
      Transfer: '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
    }
    const byName = (abi: Parameters<typeof topicNames>[0]) =>
      Object.fromEntries([...topicNames(abi)].map(([topic, name]) => [name, topic]))
    expect(byName(poolEvents)).toEqual(published)
    expect(byName(aTokenEvents)).toEqual(tokens)
    expect(byName(configEvents)).toMatchObject({
      CollateralConfigurationChanged: id('CollateralConfigurationChanged(address,uint256,uint256,uint256)'),
      EModeCategoryAdded: id('EModeCategoryAdded(uint8,uint256,uint256,uint256,address,string)'),
      EModeAssetCategoryChanged: id('EModeAssetCategoryChanged(address,uint8,uint8)'),
      AssetSourceUpdated: id('AssetSourceUpdated(address,address)'),
    })
    expect([...filter.topics].sort()).toEqual(
      [poolEvents, aTokenEvents, configEvents].flatMap((abi) => [...topicNames(abi).keys()]).sort(),
    )
  })
})

describe('the filter', () => {
  it('follows all markets: pools, deposit tokens, oracles, providers and the registry', () => {
    const { registry, markets } = chain.addresses
    expect(filter.addresses).toContain(lower(registry))
    for (const market of Object.values(markets)) {
      for (const address of [market.pool, market.oracle, market.provider]) {
        expect(filter.addresses).toContain(lower(address))
      }
      for (const { aToken, token, variableDebtToken } of Object.values(market.reserves)) {
        expect(filter.addresses).toContain(lower(aToken))
        // Every transfer of a plain token on the chain would be let through.
        expect(filter.addresses).not.toContain(lower(token))
        expect(filter.addresses).not.toContain(lower(variableDebtToken))
      }
    }
    expect(new Set(filter.addresses).size).toBe(filter.addresses.length)
  })

  it('keeps what it knew of a market that does not answer now', async () => {
    await chain.makeCallsRevert(chain.addresses.markets.main.pool)
    await chain.accrueTime(3_600)
    const again = await bench.at((at) => strategy.logs.filter(at))
    expect([...again.addresses].sort()).toEqual([...filter.addresses].sort())
    await chain.restoreCode(chain.addresses.markets.main.pool)
  })
})

describe('what the filter knows', () => {
  it('is asked for again after ten minutes, or at once when the configuration changed', async () => {
    let calls = 0
    const ask = () =>
      bench.at(async (at) => {
        calls = 0
        const counting: ChainReader = {
          ...at,
          call: (asked) => {
            calls += 1
            return at.call(asked)
          },
        }
        return await strategy.logs.filter(counting)
      })
    expect([await ask(), calls]).toEqual([filter, 0])
    await chain.accrueTime(601)
    expect(await ask()).toEqual(filter)
    expect(calls).toBeGreaterThan(0)
    expect([await ask(), calls]).toEqual([filter, 0])
    await eventsOf(() => acts.setThreshold('WMON', 7_000))
    expect(await ask()).toEqual(filter)
    expect(calls).toBeGreaterThan(0)
  })
})

describe('real transactions', () => {
  it('name the owner of what changed', async () => {
    const owner = lower(chain.newOwner())
    expect(touchedIn(await eventsOf(() => chain.openPosition({ owner, ...LOAN })))).toEqual([owner])
    const steps = [
      () => chain.repay({ owner, asset: 'USDC', amount: '100' }),
      () => chain.withdraw({ owner, asset: 'WMON', amount: '10' }),
      () => chain.closePosition({ owner }),
      () => acts.enterEMode([owner], 0),
    ]
    for (const step of steps) expect(touchedIn(await eventsOf(step))).toEqual([owner])
  })

  it('done on behalf of somebody name that person, not the one who pays', async () => {
    const owner = lower(await chain.openPosition(LOAN))
    const friend = lower(chain.newOwner())
    const events = await eventsOf(() =>
      acts.supplyFor(friend, { asset: 'USDC', amountRaw: 5_000_000n, owner }),
    )
    expect(touchedIn(events)).toEqual([owner])
    const repaid = await eventsOf(() =>
      acts.repayFor(friend, { asset: 'USDC', amountRaw: 5_000_000n, owner }),
    )
    expect(touchedIn(repaid)).toEqual([owner])
    const out = { asset: 'WMON', to: friend, amountRaw: 10n ** 18n }
    expect(touchedIn(await eventsOf(() => acts.withdrawTo(owner, out)))).toEqual([owner])
  })

  it('that hand a deposit over touch the one who gives and the one who gets', async () => {
    const from = lower(await chain.openPosition({ supply: LOAN.supply }))
    const to = lower(chain.newOwner())
    const logs = await logsOf(() => acts.transferSupply(from, { asset: 'WMON', to, amountRaw: 10n ** 18n }))
    expect(touchedIn(logs.flatMap((log) => strategy.logs.decode(log)))).toEqual([from, to].sort())
    // Each of the two events of the token says so by itself.
    const { aToken } = reserveOf(chain.addresses.markets.main, 'WMON')
    const ofToken = logs.filter(({ address }) => address === lower(aToken))
    expect(ofToken).toHaveLength(2)
    for (const log of ofToken) expect(touchedIn(strategy.logs.decode(log))).toEqual([from, to].sort())
  })

  it('that switch a deposit off as collateral touch its owner', async () => {
    const owner = lower(await chain.openPosition({ supply: LOAN.supply }))
    const off = await eventsOf(() => acts.useAsCollateral(owner, { asset: 'WMON', use: false }))
    expect(off).toEqual([{ kind: 'touched', owner }])
    const on = await eventsOf(() => acts.useAsCollateral(owner, { asset: 'WMON', use: true }))
    expect(on).toEqual([{ kind: 'touched', owner }])
  })

  it('that liquidate name the position and both amounts', async () => {
    const owner = lower(await chain.openPosition(LOAN))
    await chain.setPrice({ asset: 'WMON', usd: '2.5' })
    let outcome: Awaited<ReturnType<LocalChain['liquidate']>> | undefined
    const events = await eventsOf(async () => {
      outcome = await chain.liquidate({ owner, collateral: 'WMON', debt: 'USDC', amount: '300' })
    })
    const { provider, reserves } = chain.addresses.markets.main
    expect(events.filter(({ kind }) => kind === 'liquidated')).toEqual([
      {
        kind: 'liquidated',
        owner,
        key: `neverland:${lower(provider)}:${owner}`,
        repaid: { token: lower(reserves['USDC']?.token ?? ''), amountRaw: outcome?.debtCoveredRaw },
        seized: { token: lower(reserves['WMON']?.token ?? ''), amountRaw: outcome?.collateralSeizedRaw },
      },
    ])
    expect(touchedIn(events)).toContain(owner)
    expect(touchedIn(events)).not.toContain(lower(outcome?.liquidator ?? ''))
  })

  it('that change thresholds, e-modes or price sources say that the configuration changed', async () => {
    const feed = chain.addresses.markets.main.reserves['WMON']?.aggregator ?? ''
    const changes = [
      () => acts.setThreshold('WMON', 7_000),
      () => acts.setFrozen('WMON', true),
      () => acts.setSource('0x00000000000000000000000000000000000d011a', feed),
      () =>
        acts.setEMode({ id: 3, label: 'x', ltvBps: 9_000, liquidationThresholdBps: 9_300, assets: ['sMON'] }),
    ]
    for (const change of changes) {
      const events = await eventsOf(change)
      expect(events.length).toBeGreaterThan(0)
      expect(events.every(({ kind }) => kind === 'configChanged')).toBe(true)
    }
  })

  it('of another contract, or before the markets are known, say nothing', async () => {
    const logs = await logsOf(() => chain.openPosition(LOAN))
    expect(logs.length).toBeGreaterThan(3)
    for (const log of logs) {
      expect(neverlandOf(chain).logs.decode(log)).toEqual([])
      expect(strategy.logs.decode({ ...log, address: lower(chain.newOwner()) })).toEqual([])
    }
  })
})

describe('decoding garbage', () => {
  const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`
  const anyHex = fc.uint8Array({ maxLength: 160 }).map(hex)
  const topic = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hex), anyHex, fc.string())

  it('never throws, and names only whole addresses', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.nat(), fc.nat()),
        fc.record({ rest: fc.array(topic, { maxLength: 5 }), data: fc.oneof(anyHex, fc.string()) }),
        ([address, first], { rest, data }) => {
          const log: ChainLog = {
            address: filter.addresses[address % filter.addresses.length] ?? '0x',
            topics: [filter.topics[first % filter.topics.length] ?? '', ...rest],
            data,
            blockNumber: 1,
            blockHash: '0x',
            transactionHash: '0x',
            logIndex: 0,
          }
          for (const event of strategy.logs.decode(log)) {
            if ('owner' in event) expect(event.owner).toMatch(/^0x[0-9a-f]{40}$/)
          }
          expect(strategy.logs.decode({ ...log, topics: rest, data })).toBeInstanceOf(Array)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('of a liquidation that is cut short still says who, with no amount made up', async () => {
    const owner = lower(await chain.openPosition(LOAN))
    await chain.setPrice({ asset: 'WMON', usd: '2.5' })
    const logs = await logsOf(() =>
      chain.liquidate({ owner, collateral: 'WMON', debt: 'USDC', amount: '300' }),
    )
    const call = logs.find((log) => strategy.logs.decode(log).some(({ kind }) => kind === 'liquidated'))
    if (!call) throw new Error('no liquidation')
    expect(strategy.logs.decode({ ...call, data: call.data.slice(0, -2) })).toMatchObject([
      { kind: 'liquidated', owner, repaid: null, seized: null },
      { kind: 'touched', owner },
    ])
    expect(strategy.logs.decode({ ...call, topics: call.topics.slice(0, 3) })).toEqual([])
  })
})
