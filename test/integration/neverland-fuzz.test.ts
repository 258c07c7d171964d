import { id } from 'ethers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Inspection } from '../../protocols/strategy.ts'
import type { Call, CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import type { PositionDetail, WayOut } from '../../src/domain/detail.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { type Bench, createBench, neverlandOf, refIn } from './neverland-kit.ts'
import { MON_MODE, openAccounts, setUpEModes } from './neverland-random.ts'

let chain: LocalChain
let bench: Bench
let ref: PositionRef

beforeAll(async () => {
  chain = await createLocalChain()
  bench = await createBench(chain)
  const acts = await setUpEModes(chain)
  const account = {
    mode: MON_MODE,
    supply: [
      { asset: 'sMON', amount: '1000' },
      { asset: 'USDC', amount: '150' },
    ],
    borrow: [{ asset: 'WMON', amount: '900' }],
  }
  const [owner = ''] = await openAccounts(chain, { acts, accounts: [account] })
  ref = refIn(chain, { owner })
})
afterAll(async () => {
  await bench.stop()
  await chain.stop()
})

const selectorOf = (signature: string): string => id(signature).slice(0, 10)

/** Without these there is no detail. */
const NEEDED = [
  'getReservesList()',
  'getUserConfiguration(address)',
  'getUserEMode(address)',
  'getReserveData(address)',
  'getEModeCategoryData(uint8)',
  'getUserAccountData(address)',
  'getAssetPrice(address)',
  'balanceOf(address)',
  'decimals()',
]
/** These say something more, never a number. */
const OPTIONAL = ['POOL_REVISION()', 'symbol()', 'getUserVault(address)']

/** A double of a reader that remembers real answers, so that one call to the chain serves all cases. */
function createRememberingDouble(at: ChainReader): ChainReader {
  const known = new Map<string, CallResult>()
  const keyOf = ({ to, data }: Call): string => `${to}${data}`
  return {
    ...at,
    async call(calls) {
      const missing = calls.filter((call) => !known.has(keyOf(call)))
      const results = missing.length > 0 ? await at.call(missing) : []
      missing.forEach((call, index) => {
        const result = results[index]
        if (result) known.set(keyOf(call), result)
      })
      return calls.map((call) => known.get(keyOf(call)) ?? { ok: false, data: '0x' })
    },
  }
}

/** A double of a reader that answers one function with whatever the test wants, given the real answer. */
function createGarblingDouble(
  at: ChainReader,
  garble: { signature: string; answer: (real: CallResult) => CallResult },
): ChainReader {
  const selector = selectorOf(garble.signature)
  return {
    ...at,
    call: async (calls) => {
      const results = await at.call(calls)
      return results.map((result, index) =>
        calls[index]?.data.startsWith(selector) ? garble.answer(result) : result,
      )
    },
  }
}

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`

/** Every amount of a detail, for comparing two. */
function numbersOf(detail: PositionDetail): unknown {
  return {
    health: detail.health,
    exact: detail.exact,
    lines: [...detail.collateral, ...detail.debt].map(({ token, ...line }) => ({
      ...line,
      decimals: token.decimals,
    })),
  }
}

async function truth(at: ChainReader): Promise<PositionDetail> {
  const found = await neverlandOf(chain).inspect(ref, at)
  if (found.kind !== 'ok') throw new Error(JSON.stringify(found))
  return found.detail
}

async function bothOf(
  at: ChainReader,
): Promise<[Inspection, { readonly kind: string; readonly ways?: readonly WayOut[] }]> {
  const strategy = neverlandOf(chain)
  return [await strategy.inspect(ref, at), await strategy.rescue({ ref, targetWad: 9n * 10n ** 18n }, at)]
}

describe('an answer that is not what was asked for', () => {
  it.each(NEEDED)('of the wrong length or cut off: %s makes the detail unknown', async (signature) => {
    await bench.at(async (real) => {
      const at = createRememberingDouble(real)
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 700 }), fc.nat(700), async (bytes, cut) => {
          const answers: ((answer: CallResult) => CallResult)[] = [
            // Whole words could be an answer by chance: those have their own test below.
            () => ({ ok: true, data: bytes.length % 32 === 0 ? '0x00' : hex(bytes) }),
            ({ data }) => ({ ok: true, data: data.slice(0, cut % data.length) }),
            () => ({ ok: true, data: 'not hex at all' }),
            () => ({ ok: false, data: hex(bytes) }),
          ]
          for (const answer of answers) {
            const garbled = createGarblingDouble(at, { signature, answer })
            for (const found of await bothOf(garbled)) expect(found.kind).toBe('unknown')
          }
        }),
        { numRuns: 40 },
      )
    })
  })

  it.each(NEEDED)('of the right length but another number: %s never becomes a detail', async (signature) => {
    await bench.at(async (real) => {
      const at = createRememberingDouble(real)
      const words = fc.uint8Array({ minLength: 32, maxLength: 32 })
      await fc.assert(
        fc.asyncProperty(words, fc.nat(20), async (word, place) => {
          const answer = ({ data }: CallResult): CallResult => {
            const start = 2 + 64 * (place % Math.max(1, (data.length - 2) / 64))
            const cells = data.slice(0, start) + hex(word).slice(2) + data.slice(start + 64)
            return { ok: true, data: cells }
          }
          const [inspection] = await bothOf(createGarblingDouble(at, { signature, answer }))
          if (inspection.kind !== 'ok') return
          // Words that no number comes from (rates, counters, names) may be anything.
          const [seen, right] = [inspection.detail, await truth(at)]
          expect(seen.health).toEqual(right.health)
          expect(seen.collateral.map(({ amountRaw, value }) => [amountRaw, value])).toEqual(
            right.collateral.map(({ amountRaw, value }) => [amountRaw, value]),
          )
          expect(seen.debt.map(({ amountRaw, value }) => [amountRaw, value])).toEqual(
            right.debt.map(({ amountRaw, value }) => [amountRaw, value]),
          )
        }),
        { numRuns: 60 },
      )
    })
  })

  it.each(OPTIONAL)('%s changes no number', async (signature) => {
    await bench.at(async (real) => {
      const at = createRememberingDouble(real)
      const right = numbersOf(await truth(at))
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, ok) => {
          const garbled = createGarblingDouble(at, { signature, answer: () => ({ ok, data: hex(bytes) }) })
          const [inspection] = await bothOf(garbled)
          if (inspection.kind !== 'ok') throw new Error(JSON.stringify(inspection))
          expect(numbersOf(inspection.detail)).toEqual(right)
        }),
        { numRuns: 100 },
      )
    })
  })

  it('that differs a little from the sum of the parts is shown as the pool says it, and called not exact', async () => {
    await bench.at(async (real) => {
      const right = await truth(real)
      const healthWad = right.health.noDebt ? 0n : right.health.healthWad
      const saying = (said: bigint) =>
        createGarblingDouble(real, {
          signature: 'getUserAccountData(address)',
          answer: ({ data }) => ({
            ok: true,
            data: data.slice(0, -64) + said.toString(16).padStart(64, '0'),
          }),
        })
      const [near, ways] = await bothOf(saying((healthWad * 995n) / 1_000n))
      expect(near).toMatchObject({
        kind: 'ok',
        detail: { exact: false, health: { healthWad: (healthWad * 995n) / 1_000n } },
      })
      // What is missing is made up for, so that the target is not missed.
      const [, exactWays] = await bothOf(real)
      for (const [index, way] of ways.ways?.entries() ?? []) {
        const exact = exactWays.ways?.[index]
        if (way.reachesTarget) expect(way.amountRaw).toBeGreaterThan(exact?.amountRaw ?? way.amountRaw)
      }
      expect(await bothOf(saying((healthWad * 98n) / 100n))).toMatchObject([
        { kind: 'unknown', reason: 'decode' },
        { kind: 'unknown', reason: 'decode' },
      ])
    })
  })

  it('to everything at once is unknown, throws nothing, and leaves the filter of events usable', async () => {
    await bench.at(async (real) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), fc.boolean(), async (bytes, ok) => {
          const deaf: ChainReader = {
            ...real,
            call: (calls) => Promise.resolve(calls.map(() => ({ ok, data: hex(bytes) }))),
          }
          for (const found of await bothOf(deaf)) expect(found.kind).toBe('unknown')
          const { addresses } = await neverlandOf(chain).logs.filter(deaf)
          for (const address of addresses) expect(address).toMatch(/^0x[0-9a-f]{40}$/)
        }),
        { numRuns: 200 },
      )
    })
  })
})
