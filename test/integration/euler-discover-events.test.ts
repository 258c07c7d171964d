import { describe, expect, it } from 'vitest'
import { accountOf, type EulerDoubles, type VaultAddresses } from '../chain/euler/doubles.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import type { FakeEulerSubgraph } from '../fakes/euler-subgraph/server.ts'
import { counting, keysOf, useEulerDiscovery } from './euler-discovery-kit.ts'
import { eulerOf, eulerRef } from './euler-kit.ts'
import { logsOf } from './log-kit.ts'
import { type Bench, lower } from './neverland-kit.ts'

let chain: LocalChain
let euler: EulerDoubles
let usdc: VaultAddresses
let wmon: VaultAddresses
let subgraph: FakeEulerSubgraph
let bench: Bench

const { open, discover, crowd } = useEulerDiscovery((bed) => {
  chain = bed.chain
  euler = bed.euler
  usdc = bed.usdc
  wmon = bed.wmon
  subgraph = bed.subgraph
  bench = bed.bench
})

describe('discovery of Euler loans beyond what the subgraph knows', () => {
  it('finds a loan of many owners by its own event, though the subgraph does not know it yet', async () => {
    const owners = await crowd(14)
    const strategy = eulerOf({ chain, euler }, { subgraphUrl: subgraph.url })
    // None of them is in the sample at this block: what is found, the event led to.
    const at0 = await bench.at((at) => Promise.resolve(at.block.number))
    const wanted = owners.filter((_, index) => (index + at0) % 10 !== 0).slice(0, 2)
    for (const [index, owner] of wanted.entries()) {
      await euler.openLoan({
        owner,
        accountId: 30 + index,
        controller: usdc,
        collateral: [{ vault: wmon, amount: '10' }],
        debt: '10',
      })
    }
    const logs = await logsOf(chain, { address: euler.evc, fromBlock: at0 + 1 })
    for (const log of logs) strategy.logs.decode(log)
    const places = wanted.map((owner) => owners.indexOf(owner))
    const seen = { calls: 0, blocksAhead: 0 }
    const found = await bench.at((at) => {
      // Away from the sample whichever block it is by now.
      const free = Array.from({ length: 10 }, (_, shift) => shift).find((shift) =>
        places.every((place) => (place + at.block.number + shift) % 10 !== 0),
      )
      seen.blocksAhead = free ?? 0
      subgraph.blockNumber = at.block.number + seen.blocksAhead
      return strategy.discover(owners.map(lower), counting(at, seen))
    })
    expect(places.map((place) => keysOf(found[place]))).toEqual(
      wanted.map((owner, index) => [eulerRef({ owner, accountId: 30 + index, controller: usdc }).key]),
    )
  })

  it('is not complete for an owner whose newest event the subgraph has not taken in, unless all accounts were asked', async () => {
    const owners = await crowd(45)
    const strategy = eulerOf({ chain, euler }, { subgraphUrl: subgraph.url })
    const fromBlock = (await bench.at((at) => Promise.resolve(at.block.number))) + 1
    for (const owner of owners) await euler.setController({ owner, accountId: 1, vault: usdc, on: false })
    for (const log of await logsOf(chain, { address: euler.evc, fromBlock })) strategy.logs.decode(log)
    const found = await bench.at((at) => {
      subgraph.blockNumber = fromBlock - 1
      return strategy.discover(owners.map(lower), at)
    })
    const partial = found.filter(({ kind }) => kind === 'partial')
    expect(partial).toHaveLength(5)
    expect(partial[0]).toMatchObject({
      reason: "Euler's subgraph has not seen the newest event yet; not all 256 accounts were looked at",
    })
  })

  it('always asks the account of the owner itself and those of positions that are known', async () => {
    const owners = await crowd(5)
    const [first = '', second = ''] = owners
    const strategy = eulerOf({ chain, euler }, { subgraphUrl: subgraph.url })
    for (const [owner, accountId] of [
      [first, 0],
      [second, 9],
    ] as const) {
      await euler.openLoan({ owner, accountId, controller: usdc, collateral: [], debt: '1' })
    }
    const refs = [
      eulerRef({ owner: first, accountId: 0, controller: usdc }),
      eulerRef({ owner: second, accountId: 9, controller: usdc }),
    ]
    const seen = { calls: 0, blocksAhead: 0 }
    const found = await bench.at(async (at) => {
      await strategy.read(refs.slice(1), at)
      seen.blocksAhead = (1 - (at.block.number % 10) + 10) % 10
      return await strategy.discover(owners.map(lower), counting(at, seen))
    })
    expect(found.slice(0, 2).map(keysOf)).toEqual(refs.map(({ key }) => [key]))
  })

  it('names a lender that is no vault of the factory and does not answer like one, and is complete all the same', async () => {
    const owner = await open(3)
    await euler.write([
      {
        to: euler.evc,
        double: 'EvcDouble',
        call: ['setController', owner, accountOf(owner, 4), euler.pyth, true],
      },
    ])
    const [found] = (await discover([owner])).found
    expect(found?.kind).toBe('complete')
    expect(found?.refs.map(({ market }) => market)).toEqual([
      `${lower(usdc.vault)}/3`,
      `${lower(euler.pyth)}/4`,
    ])
    const readings = await bench.at((at) => eulerOf({ chain, euler }).read(found?.refs ?? [], at))
    expect(readings.map(({ kind }) => kind)).toEqual(['ok', 'unknown'])
  })

  it('does not look at everybody again because of a lender that the subgraph cannot know', async () => {
    const owners = await crowd(5)
    for (const owner of owners) {
      await euler.write([
        { to: euler.evc, double: 'EvcDouble', call: ['setController', owner, owner, euler.pyth, true] },
      ])
    }
    const { found, accountsAsked } = await discover(owners)
    expect(found.map(({ kind }) => kind)).toEqual(owners.map(() => 'complete'))
    expect(accountsAsked).toBeLessThanOrEqual(256 + 5)
  })
})
