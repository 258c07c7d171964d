import { AbiCoder, id, parseUnits } from 'ethers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PositionRef, Reading } from '../../src/domain/position.ts'
import { createEulerDoubles, type EulerDoubles, type VaultAddresses } from '../chain/euler/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { serve, type TestServer } from './chain-kit.ts'
import { corruptingReader } from './corrupting-reader.ts'
import { eulerOf, eulerRef } from './euler-kit.ts'
import { type Bench, createBench } from './neverland-kit.ts'

const FEED = id('a feed of WMON')
const MAX_AGE = 900
const coder = AbiCoder.defaultAbiCoder()

let chain: LocalChain
let euler: EulerDoubles
let usdc: VaultAddresses
let wmon: VaultAddresses
let adapter: string
let bench: Bench
let snapshot: string
/** A stand-in for Hermes. */
let hermes: TestServer
let asked: string[]
let answer: () => { status: number; body: string }

beforeAll(async () => {
  chain = await createLocalChain()
  euler = await createEulerDoubles(chain)
  usdc = euler.vaults['eUSDC-1']
  wmon = euler.vaults['eWMON-1']
  adapter = await euler.createDouble('PythAdapterDouble')
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  bench = await createBench(chain)
  asked = []
  answer = () => fresh('3')
  hermes = await serve(({ request, response }) => {
    asked.push(request.url ?? '')
    const { status, body } = answer()
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
})
afterEach(async () => {
  await Promise.all([bench.stop(), hermes.stop()])
  await chain.revert(snapshot)
})

function signedPrice(price: string): string {
  return coder.encode(['bytes32', 'uint256'], [FEED, parseUnits(price, 18)])
}

function fresh(price: string): { status: number; body: string } {
  return {
    status: 200,
    body: JSON.stringify({ binary: { encoding: 'hex', data: [signedPrice(price).slice(2)] }, parsed: [] }),
  }
}

/** 1000 WMON with 85 % against 2000 USDC, priced by a feed that was written at $4 and then left alone for 1000 seconds. */
async function staleLoan({ tellsAge = false, crossed = false } = {}): Promise<PositionRef> {
  let routed = adapter
  await euler.write([
    {
      to: adapter,
      double: 'PythAdapterDouble',
      call: ['init', euler.pyth, FEED, 10n ** 18n, MAX_AGE, tellsAge],
    },
    { to: euler.pyth, double: 'PythDouble', call: ['updatePriceFeeds', [signedPrice('4')]] },
  ])
  if (crossed) {
    routed = await euler.createDouble('CrossAdapterDouble')
    await euler.write([{ to: routed, double: 'CrossAdapterDouble', call: ['init', adapter, euler.oracle] }])
  }
  await euler.write([
    { to: euler.oracle, double: 'PriceOracleDouble', call: ['setAdapter', wmon.vault, routed] },
  ])
  const owner = await euler.openLoan({
    controller: usdc,
    collateral: [{ vault: wmon, amount: '1000' }],
    debt: '2000',
  })
  await chain.accrueTime(1_000)
  return eulerRef({ owner, controller: usdc })
}

async function read(ref: PositionRef, pythUrl: string | null = hermes.url): Promise<Reading | undefined> {
  const [reading] = await bench.at((at) => eulerOf({ chain, euler }, { pythUrl }).read([ref], at))
  return reading
}

describe('a loan whose price is old', () => {
  it.each([
    { tellsAge: false, crossed: false },
    { tellsAge: true, crossed: false },
    { tellsAge: false, crossed: true },
  ])(
    'is read through batchSimulation with a newer price ($tellsAge, $crossed), and the chain stays as it is',
    async (kind) => {
      const ref = await staleLoan(kind)
      expect(await read(ref)).toMatchObject({
        kind: 'ok',
        health: { noDebt: false, healthWad: 1_275_000_000_000_000_000n, liquidatable: false },
      })
      expect(asked.map((url) => decodeURIComponent(url))).toEqual([
        `/v2/updates/price/latest?ids[]=${FEED}&encoding=hex`,
      ])
      // Without Pyth it is as old as before.
      expect(await read(ref, null)).toMatchObject({ kind: 'unknown', reason: 'oracle' })
      const inspection = await bench.at((at) =>
        eulerOf({ chain, euler }, { pythUrl: hermes.url }).inspect(ref, at),
      )
      expect(inspection).toMatchObject({
        kind: 'ok',
        detail: { collateral: [{ amountRaw: parseUnits('1000', 18) }] },
      })
    },
  )

  it('asks once for many loans with the same feed, and leaves an account of no lender what it is', async () => {
    const refs = [await staleLoan()]
    for (let count = 1; count < 25; count += 1) {
      const owner = await euler.openLoan({
        controller: usdc,
        collateral: [{ vault: wmon, amount: '1000' }],
        debt: String(1_000 + count),
      })
      refs.push(eulerRef({ owner, controller: usdc }))
    }
    const stranger = eulerRef({ owner: chain.newOwner(), controller: usdc })
    const readings = await bench.at((at) =>
      eulerOf({ chain, euler }, { pythUrl: hermes.url }).read([...refs, stranger], at),
    )
    expect(readings.map(({ kind }) => kind)).toEqual([...refs.map(() => 'ok'), 'none'])
    const debts = readings.flatMap((reading) =>
      reading.kind === 'ok' ? [reading.debt.amount / 10n ** 18n] : [],
    )
    expect(debts).toEqual([2_000n, ...Array.from({ length: 24 }, (_, index) => BigInt(1_001 + index))])
    expect(asked).toHaveLength(1)
  })

  it.each<[string, () => { status: number; body: string }]>([
    ['an error', () => ({ status: 404, body: '{}' })],
    ['a server that is down', () => ({ status: 503, body: '' })],
    ['HTML', () => ({ status: 200, body: '<html></html>' })],
    ['no data', () => ({ status: 200, body: '{"binary":{"encoding":"hex","data":[]}}' })],
    ['another encoding', () => ({ status: 200, body: '{"binary":{"encoding":"base64","data":["AAAA"]}}' })],
    ['half a byte', () => ({ status: 200, body: '{"binary":{"encoding":"hex","data":["abc"]}}' })],
    [
      'bytes that Pyth refuses',
      () => ({ status: 200, body: '{"binary":{"encoding":"hex","data":["abcd"]}}' }),
    ],
  ])('stays unknown when Hermes answers with %s', async (_, bad) => {
    const ref = await staleLoan({ tellsAge: true })
    answer = bad
    expect(await read(ref)).toEqual({
      kind: 'unknown',
      reason: 'oracle',
      detail: expect.stringMatching(/^the price oracle's price is 1\d{3} s old$/) as string,
    })
  })

  it('stays unknown when the update costs something that nobody pays, and is read when the connector holds that much', async () => {
    const ref = await staleLoan()
    await euler.write([{ to: euler.pyth, double: 'PythDouble', call: ['setFee', 1n] }])
    expect(await read(ref)).toMatchObject({ kind: 'unknown', reason: 'oracle' })
    await chain.rpc.send('anvil_setBalance', [euler.evc, '0x1'])
    expect(await read(ref)).toMatchObject({ kind: 'ok' })
  })

  it('is not helped by feeds of another Pyth than the configured one', async () => {
    const ref = await staleLoan()
    const [reading] = await bench.at((at) =>
      eulerOf(
        { chain, euler },
        { pythUrl: hermes.url, pyth: '0x00000000000000000000000000000000000bad01' },
      ).read([ref], at),
    )
    expect(reading).toMatchObject({ kind: 'unknown', reason: 'oracle' })
    expect(asked).toEqual([])
  })

  it('is read rightly or not at all when answers arrive damaged', async () => {
    const ref = await staleLoan()
    await bench.at(async (at) => {
      const [truth] = await eulerOf({ chain, euler }, { pythUrl: hermes.url }).read([ref], at)
      const seen = { ok: 0, unknown: 0 }
      for (let seed = 1; seed <= 80; seed += 1) {
        const damaged = corruptingReader(at, { seed, share: 0.1 })
        const [reading] = await eulerOf({ chain, euler }, { pythUrl: hermes.url }).read([ref], damaged)
        if (reading?.kind === 'unknown') {
          seen.unknown += 1
          continue
        }
        expect(reading).toEqual(truth)
        seen.ok += 1
      }
      expect(seen.ok).toBeGreaterThan(10)
      expect(seen.unknown).toBeGreaterThan(10)
    })
  })
})
