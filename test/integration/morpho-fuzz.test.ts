import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PositionRef, Reading } from '../../src/domain/position.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import type { MorphoMarketName } from '../chain/morpho/addresses.ts'
import { corruptingReader } from './corrupting-reader.ts'
import { logsOf } from './log-kit.ts'
import { morphoOf, morphoRef } from './morpho-kit.ts'
import { type Bench, createBench, lower } from './neverland-kit.ts'
import { createRandom } from './random.ts'

const ROUNDS = 150

let chain: LocalChain
let bench: Bench
let refs: PositionRef[]

beforeAll(async () => {
  chain = await createLocalChain()
  const plans: { market: MorphoMarketName; collateral: string; borrow?: string }[] = [
    { market: 'WMON-USDC', collateral: '100', borrow: '300' },
    { market: 'WBTC-USDC', collateral: '1', borrow: '50000' },
    { market: 'USDC-WMON', collateral: '1000', borrow: '180' },
    { market: 'sMON-WMON', collateral: '100', borrow: '90' },
    { market: 'WMON-USDC', collateral: '7' },
  ]
  const owners = await chain.openMorphoPositions(plans)
  refs = plans.map(({ market }, index) => morphoRef(chain, { market, owner: owners[index] ?? '' }))
})
afterAll(() => chain.stop())
beforeEach(async () => {
  bench = await createBench(chain)
})
afterEach(() => bench.stop())

describe('damaged answers', () => {
  it('give the true reading or unknown, and never an exception or another number', async () => {
    await bench.at(async (at) => {
      const truth = await morphoOf(chain).read(refs, at)
      expect(truth.every(({ kind }) => kind === 'ok')).toBe(true)
      const seen = { same: 0, unknown: 0 }
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const damaged = corruptingReader(at, { seed, share: seed % 3 === 0 ? 1 : 0.2 })
        // A new strategy each time, so that nothing right is remembered.
        const readings: Reading[] = await morphoOf(chain).read(refs, damaged)
        expect(readings).toHaveLength(refs.length)
        readings.forEach((reading, index) => {
          if (reading.kind === 'unknown') {
            seen.unknown += 1
            return
          }
          // Damaged decimals are not a reason to be blind: amounts are then told as raw units.
          expect(numbersOf(reading)).toEqual(numbersOf(truth[index]))
          seen.same += 1
        })
      }
      expect(seen.same).toBeGreaterThan(50)
      expect(seen.unknown).toBeGreaterThan(50)
    })
  })

  it('never make discovery claim that it is complete when it is not', async () => {
    await bench.at(async (at) => {
      const owners = refs.map(({ owner }) => owner)
      const strategy = morphoOf(chain)
      await strategy.read(refs, at)
      const complete = await strategy.discover(owners, at)
      expect(complete.map((found) => found.refs.map(({ key }) => key))).toEqual(refs.map(({ key }) => [key]))
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const found = await strategy.discover(owners, corruptingReader(at, { seed, share: 0.5 }))
        found.forEach((discovery, index) => {
          for (const ref of discovery.refs) expect(ref.key).toBe(refs[index]?.key)
          if (discovery.refs.length === 0) expect(discovery.kind).toBe('partial')
        })
      }
    })
  })

  it('make details, ways out and the self-check say so instead of failing', async () => {
    await bench.at(async (at) => {
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const damaged = corruptingReader(at, { seed, share: seed % 2 === 0 ? 1 : 0.3 })
        const strategy = morphoOf(chain)
        const ref = refs[seed % refs.length]
        if (!ref) continue
        const inspection = await strategy.inspect(ref, damaged)
        expect(['ok', 'unknown']).toContain(inspection.kind)
        const rescue = await strategy.rescue({ ref, targetWad: 2n * 10n ** 18n }, damaged)
        expect(['ok', 'unknown']).toContain(rescue.kind)
        expect((await strategy.selfCheck(damaged)).length).toBeGreaterThan(0)
      }
    })
  })

  it('make event decoding answer with nothing or with an owner that is in the event', async () => {
    const strategy = morphoOf(chain)
    const logs = await logsOf(chain, { address: chain.addresses.morpho.address })
    expect(logs.length).toBeGreaterThan(5)
    const random = createRandom(7)
    for (let round = 0; round < 2_000; round += 1) {
      const log = random.pick(logs)
      const topics = log.topics.map((topic) =>
        random.chance(0.3) ? topic.slice(0, Number(random.bigint(0n, 66n))) : topic,
      )
      const cut = topics.slice(0, Number(random.bigint(0n, 4n)))
      const data = random.chance(0.5)
        ? log.data.slice(0, Number(random.bigint(0n, BigInt(log.data.length))))
        : 'zz'
      for (const event of strategy.logs.decode({ ...log, topics: cut, data })) {
        if (!('owner' in event)) continue
        expect(log.topics.some((topic) => topic.endsWith(event.owner.slice(2)))).toBe(true)
      }
    }
  })
})

describe('the events of Morpho', () => {
  it('touch the owner whoever acts, in every kind of event, and tell a liquidation with its amounts', async () => {
    const market = 'WMON-USDC'
    const strategy = morphoOf(chain)
    const { address } = chain.addresses.morpho
    const owner = lower(chain.newOwner())
    async function touchedBy(act: () => Promise<unknown>) {
      const head = Number(await chain.rpc.send('eth_blockNumber'))
      await act()
      const logs = await logsOf(chain, { address, fromBlock: head + 1 })
      return logs.flatMap((log) => strategy.logs.decode(log))
    }
    const touched = { kind: 'touched', owner }
    expect(
      await touchedBy(() => chain.openMorphoPosition({ market, owner, collateral: '100', borrow: '300' })),
    ).toEqual([touched, touched])
    expect(await touchedBy(() => chain.repayMorpho({ market, owner, amount: '10' }))).toEqual([touched])
    expect(await touchedBy(() => chain.withdrawMorphoCollateral({ market, owner, amount: '1' }))).toEqual([
      touched,
    ])
    const authorized = chain.newOwner()
    expect(await touchedBy(() => chain.morphoAuthorize({ owner, authorized, on: true }))).toEqual([touched])
    await chain.setMorphoPrice({ market, price: '3' })
    const events = await touchedBy(() => chain.liquidateMorpho({ market, owner, seizedRaw: 10n ** 18n }))
    expect(events).toEqual([
      touched,
      {
        kind: 'liquidated',
        owner,
        key: morphoRef(chain, { owner, market }).key,
        repaid: { token: null, amountRaw: expect.any(BigInt) as bigint },
        seized: { token: null, amountRaw: 10n ** 18n },
      },
    ])
    const filter = await bench.at((at) => strategy.logs.filter(at))
    expect(filter.addresses).toContain(lower(address))
  })
})

/** What a reading says, apart from the unit that its amounts are told in. */
function numbersOf(reading: Reading | undefined) {
  if (reading?.kind !== 'ok') return reading
  const { health, collateral, debt, block, endpoint } = reading
  return { health, collateral: collateral.amount, debt: debt.amount, block, endpoint }
}
