import { describe, expect, it } from 'vitest'
import { oracleAbi } from '../../protocols/neverland/abi.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { changingReaderDouble } from './changing-reader.ts'
import { type Bench, neverlandOf, refIn, useBench } from './neverland-kit.ts'

const WAD = 10n ** 18n
const LOAN = {
  supply: [{ asset: 'WMON', amount: '1000' }],
  borrow: [{ asset: 'USDC', amount: '2000' }],
} as const

let chain: LocalChain
let bench: Bench

useBench((ready) => {
  chain = ready.chain
  bench = ready.bench
})

describe('a market that does not count in dollars of eight decimals', () => {
  const unitCall = oracleAbi.encodeFunctionData('BASE_CURRENCY_UNIT')
  const baseCall = oracleAbi.encodeFunctionData('BASE_CURRENCY')
  const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`

  it.each([
    { what: 'another unit', selector: unitCall, data: word(WAD), decimals: 18 },
    { what: 'a token as its base', selector: baseCall, data: word(0xdeadn), decimals: 8 },
  ])('but in $what is never told in dollars', async ({ selector, data, decimals }) => {
    const owner = await chain.openPosition(LOAN)
    const ref = refIn(chain, { owner })
    await bench.at(async (real) => {
      const at = changingReaderDouble(real, { selector, change: () => ({ ok: true, data }) })
      const strategy = neverlandOf(chain)
      const [reading] = await strategy.read([ref], at)
      const inspection = await strategy.inspect(ref, at)
      expect(reading).toMatchObject({ unit: 'other:base', collateral: { decimals }, debt: { decimals } })
      expect(inspection).toMatchObject({
        kind: 'ok',
        detail: {
          unit: 'other:base',
          collateral: [{ price: { unit: 'other:base', decimals }, value: { decimals } }],
          debt: [{ price: { unit: 'other:base', decimals }, value: { decimals } }],
        },
      })
    })
  })

  it.each([
    { what: 'does not answer', selector: unitCall, result: { ok: false, data: '0x' } },
    { what: 'is no power of ten', selector: unitCall, result: { ok: true, data: word(3n) } },
    { what: 'is 0', selector: unitCall, result: { ok: true, data: word(0n) } },
    {
      what: 'is of a base that is no address',
      selector: baseCall,
      result: { ok: true, data: word(2n ** 200n) },
    },
  ])('because its unit $what is unknown and partial, never told in dollars', async ({ selector, result }) => {
    const owner = await chain.openPosition(LOAN)
    const ref = refIn(chain, { owner })
    await bench.at(async (real) => {
      const at = changingReaderDouble(real, { selector, change: () => result })
      const strategy = neverlandOf(chain)
      expect(await strategy.read([ref], at)).toMatchObject([{ kind: 'unknown' }])
      expect(await strategy.discover([ref.owner], at)).toMatchObject([{ kind: 'partial', refs: [] }])
    })
  })

  it('is taken for dollars where the oracle has no such question as its base', async () => {
    const ref = refIn(chain, { owner: await chain.openPosition(LOAN) })
    await bench.at(async (real) => {
      const at = changingReaderDouble(real, { selector: baseCall, change: () => ({ ok: false, data: '0x' }) })
      expect(await neverlandOf(chain).read([ref], at)).toMatchObject([{ kind: 'ok', unit: 'USD' }])
    })
  })
})
