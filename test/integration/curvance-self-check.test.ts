import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CheckLine, LendingStrategy } from '../../protocols/strategy.ts'
import type { Address } from '../../src/domain/address.ts'
import { type CurvanceDoubles, createCurvanceDoubles } from '../chain/curvance/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { cTokenOf, curvanceOf } from './curvance-kit.ts'
import { type Bench, createBench, lower } from './neverland-kit.ts'

const NOBODY: Address = '0x000000000000000000000000000000000000dead'

let chain: LocalChain
let doubles: CurvanceDoubles
let bench: Bench
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
  doubles = await createCurvanceDoubles(chain)
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  bench = await createBench(chain)
})
afterEach(async () => {
  await bench.stop()
  await chain.revert(snapshot)
})

function check(strategy: LendingStrategy): Promise<CheckLine[]> {
  return bench.at((at) => strategy.selfCheck(at))
}

const red = (lines: readonly CheckLine[]): CheckLine[] => lines.filter(({ ok }) => !ok)

describe('the self-check on doubles of Curvance', () => {
  it('is green throughout where everything is in place, and names each market', async () => {
    const lines = await check(curvanceOf(doubles))
    expect(red(lines)).toEqual([])
    const said = lines.map(({ what, detail }) => `${what}: ${detail}`).join('\n')
    for (const text of [
      'registry',
      '3 markets',
      'ProtocolReader',
      'Curvance WMON/USDC',
      'Curvance sMON/WMON',
    ]) {
      expect(said).toContain(text)
    }
  })

  it('is green without a reader, and says that it reads without one', async () => {
    const lines = await check(curvanceOf(doubles, { path: 'no reader' }))
    expect(red(lines)).toEqual([])
    expect(lines.map(({ detail }) => detail)).toContain('none configured: reading without it')
  })

  it.each([
    ['grownReader', 'another shape'],
    ['halfGrownReader', 'another shape'],
    ['oracleManager', 'another registry'],
    ['nobody', 'no contract'],
  ] as const)(
    'says of %s in the place of the reader that it reads without it, and what to set',
    async (name, why) => {
      const reader = name === 'nobody' ? NOBODY : lower(doubles.addresses[name])
      expect(red(await check(curvanceOf(doubles, { reader })))).toEqual([
        {
          ok: false,
          what: `Curvance ProtocolReader ${reader}`,
          detail: `replaced or changed (${why}): reading without it; see BUOY_CURVANCE_READER`,
        },
      ])
    },
  )

  it('is red for a registry that is not there, with the setting to change', async () => {
    const lines = red(await check(curvanceOf(doubles, { path: 'no reader', registry: NOBODY })))
    expect(lines).toHaveLength(3)
    for (const { detail } of lines) expect(detail).toContain('BUOY_CURVANCE_REGISTRY')
  })

  it('is red for a listed market that does not answer, and for a token that does not', async () => {
    await doubles.addBrokenMarket()
    expect(red(await check(curvanceOf(doubles, { path: 'no reader' }))).map(({ what }) => what)).toEqual([
      `Curvance market ${lower(doubles.addresses.oracleManager)}`,
    ])
    const strategy = curvanceOf(doubles, { path: 'no reader' })
    await check(strategy)
    await chain.makeCallsRevert(cTokenOf(doubles, { market: 'sMON/WMON', symbol: 'sMON' }))
    // Known from before, so it is still named.
    const [, line] = red(await check(strategy))
    expect(line?.what).toContain('Curvance sMON/WMON')
    expect(line?.detail).toContain('BUOY_CURVANCE_REGISTRY')
    await chain.restoreCode(cTokenOf(doubles, { market: 'sMON/WMON', symbol: 'sMON' }))
  })

  it('names what it depends on and where each address is configured', () => {
    const { registry, reader } = doubles.addresses
    expect(curvanceOf(doubles).contracts).toEqual([
      { address: lower(registry), what: 'Curvance registry', configuredBy: 'BUOY_CURVANCE_REGISTRY' },
      { address: lower(reader), what: 'Curvance ProtocolReader', configuredBy: 'BUOY_CURVANCE_READER' },
    ])
  })
})
