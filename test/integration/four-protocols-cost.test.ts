import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { PROTOCOL_IDS, type ProtocolId } from '../../src/domain/position.ts'
import {
  createFourProtocols,
  type FourProtocols,
  PER_PROTOCOL,
  realOf,
  watchAll,
} from './four-protocols-kit.ts'
import { createMonitorBed, type MonitorBed } from './monitor-kit.ts'

/** Positions whose calls fit into one request at the gas that is planned for each. */
const CHUNK: Record<ProtocolId, number> = { neverland: 800, morpho: 2_000, euler: 350, curvance: 40 }
/** Markets, prices, or what could not be told the first time. */
const BESIDES = 1

let four: FourProtocols
let bed: MonitorBed | undefined

beforeAll(async () => {
  four = await createFourProtocols()
}, 120_000)
afterAll(() => four.chain.stop())
afterEach(async () => {
  await bed?.stop()
  bed = undefined
})

function most(protocols: readonly ProtocolId[]): number {
  return protocols.reduce((sum, id) => sum + Math.ceil(PER_PROTOCOL / CHUNK[id]) + BESIDES, 0)
}

/** eth_calls of one turn, with everything known that can be known. */
async function callsOf(protocols: readonly ProtocolId[]): Promise<number> {
  bed = await createMonitorBed({
    chain: four.chain,
    strategies: PROTOCOL_IDS.map((id) => realOf(four, id)),
    budgetMs: 20_000,
  })
  await watchAll(
    bed,
    protocols.flatMap((id) => four.refs[id]),
  )
  await bed.turn()
  bed.proxy.resetRequests()
  const figures = { positions: protocols.length * PER_PROTOCOL, unknown: 0, transitions: 0, failedBatches: 0 }
  expect(await bed.turn()).toEqual(figures)
  expect(bed.errors).toEqual([])
  return bed.proxy.requests().byMethod['eth_call'] ?? 0
}

const NAMES: Record<ProtocolId, string> = {
  neverland: 'Neverland on real Aave',
  morpho: 'Morpho on real Morpho',
  euler: 'Euler double',
  curvance: 'Curvance double',
}

describe('the cost of a turn', () => {
  it.each(PROTOCOL_IDS.map((id) => [NAMES[id], id] as const))(
    `%s: ${PER_PROTOCOL} positions take few requests`,
    async (_, id) => {
      const calls = await callsOf([id])
      expect(calls).toBeLessThanOrEqual(most([id]))
    },
  )

  it('500 owners over all four together take no more than each by itself', async () => {
    const calls = await callsOf(PROTOCOL_IDS)
    expect(calls).toBeLessThanOrEqual(most(PROTOCOL_IDS))
  })
})
