import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CheckLine, LogEvent } from '../../protocols/strategy.ts'
import {
  accountOf,
  createEulerDoubles,
  type EulerDoubles,
  type VaultAddresses,
} from '../chain/euler/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { startFakeEulerSubgraph } from '../fakes/euler-subgraph/server.ts'
import { serve, type TestServer } from './chain-kit.ts'
import { type EulerSetup, eulerOf, eulerRef } from './euler-kit.ts'
import { logsOf } from './log-kit.ts'
import { type Bench, createBench, lower } from './neverland-kit.ts'
import { createRandom } from './random.ts'

let chain: LocalChain
let euler: EulerDoubles
let usdc: VaultAddresses
let wmon: VaultAddresses
let bench: Bench

beforeAll(async () => {
  chain = await createLocalChain()
  euler = await createEulerDoubles(chain)
  usdc = euler.vaults['eUSDC-1']
  wmon = euler.vaults['eWMON-1']
})
afterAll(() => chain.stop())
beforeEach(async () => {
  bench = await createBench(chain)
})
afterEach(() => bench.stop())

function head(): Promise<number> {
  return bench.at((at) => Promise.resolve(at.block.number))
}

async function open(accountId: number): Promise<string> {
  return await euler.openLoan({
    accountId,
    controller: usdc,
    collateral: [{ vault: wmon, amount: '1000' }],
    debt: '2000',
  })
}

describe('the events of Euler', () => {
  it('touch the owner of a sub-account by prefix, and by address once the owner was met', async () => {
    const strategy = eulerOf({ chain, euler })
    const fromBlock = (await head()) + 1
    const owner = await open(200)
    const logs = await logsOf(chain, { address: euler.evc, fromBlock })
    const prefix = lower(owner).slice(0, 40)
    const followed = logs.flatMap((log) => strategy.logs.decode(log))
    // Collateral, controller, status check; the registration is not followed.
    expect(followed).toEqual(Array.from({ length: 3 }, () => ({ kind: 'touchedPrefix', prefix })))

    await bench.at((at) => strategy.discover([lower(owner)], at))
    const known = logs.flatMap((log) => strategy.logs.decode(log))
    expect(known.filter(({ kind }) => kind === 'touched')).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'touched', owner: lower(owner) })),
    )
  })

  it('tell a liquidation of a known loan with the debt that was repaid, and a change of an LTV', async () => {
    const strategy = eulerOf({ chain, euler })
    const owner = await open(7)
    const ref = eulerRef({ owner, accountId: 7, controller: usdc })
    await bench.at((at) => strategy.read([ref], at))
    const fromBlock = (await head()) + 1
    await euler.write([
      {
        to: usdc.vault,
        double: 'VaultDouble',
        call: ['liquidate', accountOf(owner, 7), wmon.vault, 500_000_000n, 10n ** 20n],
      },
    ])
    await euler.setLtv({ controller: usdc, collateral: wmon, liquidationBps: 8_500 })
    const { addresses, topics } = await bench.at((at) => strategy.logs.filter(at))
    expect(addresses).toEqual([lower(euler.evc), lower(usdc.vault)])
    const logs = await logsOf(chain, { address: addresses, fromBlock })
    expect(logs.every((log) => topics.includes(log.topics[0] ?? ''))).toBe(true)
    const events = logs.flatMap((log): LogEvent[] => [...strategy.logs.decode(log)])
    expect(events).toEqual([
      { kind: 'touchedPrefix', prefix: lower(owner).slice(0, 40) },
      { kind: 'touched', owner: lower(owner) },
      {
        kind: 'liquidated',
        owner: lower(owner),
        key: ref.key,
        repaid: { token: null, amountRaw: 500_000_000n },
        seized: null,
      },
      { kind: 'configChanged' },
    ])
    const liquidated = events.flatMap((event) => (event.kind === 'liquidated' ? [event] : []))
    const told = await bench.at((at) =>
      Promise.all(liquidated.map((event) => strategy.describeLiquidation(event, at))),
    )
    expect(told).toEqual([
      {
        marketName: ref.marketName,
        repaid: { symbol: 'USDC', amount: { amount: 500_000_000n, decimals: 6 } },
        seized: null,
      },
    ])
  })

  it('follow a vault from the moment that an owner who was met borrows from it, and none of a stranger', async () => {
    const strategy = eulerOf({ chain, euler })
    const owner = chain.newOwner()
    await bench.at((at) => strategy.discover([lower(owner)], at))
    const followed = async () => (await bench.at((at) => strategy.logs.filter(at))).addresses
    for (const [borrower, expected] of [
      [chain.newOwner(), [euler.evc]],
      [owner, [euler.evc, usdc.vault]],
    ] as const) {
      const fromBlock = (await head()) + 1
      await euler.openLoan({ owner: borrower, accountId: 5, controller: usdc, collateral: [], debt: '1' })
      for (const log of await logsOf(chain, { address: euler.evc, fromBlock })) strategy.logs.decode(log)
      expect(await followed()).toEqual(expected.map(lower))
    }
  })

  it('follow no contract that the factory did not make, and take no word of it', async () => {
    const strategy = eulerOf({ chain, euler })
    const foreign = await euler.createVault({ symbol: 'eUSDC-9', asset: 'USDC', foreign: true })
    const owner = chain.newOwner()
    await euler.openLoan({ owner, accountId: 2, controller: foreign, collateral: [], debt: '1' })
    const fromBlock = (await head()) + 1
    await euler.setLtv({ controller: foreign, collateral: wmon, liquidationBps: 8_500 })
    const [log] = await logsOf(chain, { address: foreign.vault, fromBlock })
    if (!log) throw new Error('no log')
    await bench.at(async (at) => {
      const [found] = await strategy.discover([lower(owner)], at)
      expect(found).toMatchObject({ kind: 'complete', refs: [{ market: `${lower(foreign.vault)}/2` }] })
      expect((await strategy.logs.filter(at)).addresses).toEqual([lower(euler.evc)])
    })
    expect(strategy.logs.decode(log)).toEqual([])
  })

  it('never throw and name nobody else when a log is damaged', async () => {
    const owner = await open(3)
    const strategy = eulerOf({ chain, euler })
    await bench.at((at) => strategy.discover([lower(owner)], at))
    const logs = await logsOf(chain, { address: [euler.evc, usdc.vault] })
    const random = createRandom(20_264)
    for (let round = 0; round < 2_000; round += 1) {
      const log = random.pick(logs)
      const topics = log.topics
        .map((topic) => (random.chance(0.3) ? topic.slice(0, Number(random.bigint(0n, 66n))) : topic))
        .slice(0, Number(random.bigint(0n, 4n)))
      const data = random.chance(0.5) ? log.data.slice(0, Number(random.bigint(0n, 66n))) : 'zz'
      for (const event of strategy.logs.decode({ ...log, topics, data })) {
        if (event.kind === 'configChanged') continue
        const prefix = event.kind === 'touchedPrefix' ? event.prefix : event.owner.slice(0, 40)
        expect(log.topics.some((topic) => topic.slice(26, 64) === prefix.slice(2))).toBe(true)
      }
    }
  })
})

describe('the self-check of Euler', () => {
  async function check(setup: EulerSetup = {}): Promise<CheckLine[]> {
    return await bench.at((at) => eulerOf({ chain, euler }, setup).selfCheck(at))
  }

  it('is content with contracts that answer', async () => {
    const lines = await check()
    expect(lines.every(({ ok }) => ok)).toBe(true)
    expect(lines.map(({ detail }) => detail)).toEqual([
      'code found',
      'code found',
      'answered',
      '3 made by the factory',
      'switched off: accounts are searched on the chain alone',
    ])
  })

  it('names the setting of an address where there is nothing', async () => {
    const nowhere = '0x00000000000000000000000000000000000000aa'
    const lines = await check({ evc: nowhere, vaultFactory: nowhere })
    const bad = lines.filter(({ ok }) => !ok).map(({ detail }) => detail)
    expect(bad).toHaveLength(4)
    expect(bad.join()).toMatch(/BUOY_EULER_EVC.*BUOY_EULER_VAULT_FACTORY/)
  })

  it('tries a vault that was met, and the subgraph', async () => {
    const subgraph = await startFakeEulerSubgraph()
    try {
      const strategy = eulerOf({ chain, euler }, { subgraphUrl: subgraph.url })
      const owner = await open(1)
      const lines = await bench.at(async (at) => {
        await strategy.read([eulerRef({ owner, accountId: 1, controller: usdc })], at)
        return await strategy.selfCheck(at)
      })
      expect(lines.slice(-2).map(({ detail }) => detail)).toEqual([
        '1 of 1 vaults tried could be read',
        'answered',
      ])
      subgraph.fault = 'errors'
      const after = await bench.at((at) => strategy.selfCheck(at))
      expect(after.at(-1)).toMatchObject({
        ok: false,
        detail: expect.stringMatching(/refused the query.*BUOY_EULER_SUBGRAPH_URL/) as string,
      })
    } finally {
      await subgraph.stop()
    }
  })

  describe('with Pyth', () => {
    let hermes: TestServer
    let body: string

    beforeEach(async () => {
      body = JSON.stringify({ binary: { encoding: 'hex', data: ['00'] } })
      hermes = await serve(({ response }) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      })
    })
    afterEach(() => hermes.stop())

    async function setFee(fee: bigint): Promise<void> {
      await euler.write([{ to: euler.pyth, double: 'PythDouble', call: ['setFee', fee] }])
    }

    it('looks at the contract, the price service and the fee', async () => {
      const lines = await check({ pythUrl: hermes.url })
      expect(
        lines.filter(({ what }) => what.startsWith('Pyth')).map(({ ok, detail }) => [ok, detail]),
      ).toEqual([
        [true, 'code found'],
        [true, 'answered'],
        [true, '0 wei, which reads can pay'],
      ])
    })

    it('says that a fee which no read can pay leaves old prices unseen', async () => {
      await setFee(1n)
      const lines = await check({ pythUrl: hermes.url })
      await setFee(0n)
      expect(lines.at(-1)).toMatchObject({
        ok: true,
        detail: 'price updates cost a fee that a read cannot pay: old prices stay unseen',
      })
    })

    it('names the settings when the service or the contract does not answer', async () => {
      const nowhere = '0x00000000000000000000000000000000000000aa'
      const lines = await check({ pythUrl: hermes.url, pyth: nowhere })
      const bad = lines.filter(({ ok }) => !ok).map(({ detail }) => detail)
      expect(bad).toHaveLength(2)
      expect(bad.every((detail) => detail.includes('BUOY_EULER_PYTH'))).toBe(true)
      body = '{}'
      expect((await check({ pythUrl: hermes.url })).at(-1)).toMatchObject({
        ok: false,
        detail: expect.stringMatching(/BUOY_EULER_PYTH_URL/) as string,
      })
    })
  })
})
