import { describe, expect, it } from 'vitest'
import type { LendingStrategy } from '../../../protocols/strategy.ts'
import { drillOwner, drillRef, isDrillOwner } from '../../../src/domain/drill.ts'
import type { PositionRef } from '../../../src/domain/position.ts'
import { withDrills } from '../../../src/monitor/drill-strategy.ts'
import { chainDoubleAt, ownerAt, refOf, strategyDouble } from './kit.ts'

const START = 1_800_000_000_000
const at = chainDoubleAt(77)
const SHADOW = drillRef(5, 'neverland')
const REAL = [1, 2].map((index) => refOf('neverland', ownerAt(index))) as [PositionRef, PositionRef]

function bed(sinceMs = 0, real: Partial<LendingStrategy> = {}) {
  const asked: PositionRef[][] = []
  const strategy: LendingStrategy = {
    ...strategyDouble('neverland', (refs) => {
      asked.push([...refs])
      return Promise.resolve(refs.map(({ key }) => ({ kind: 'unknown', reason: 'rpc', detail: key })))
    }),
    discover: (owners) =>
      Promise.resolve(owners.map((owner) => ({ kind: 'partial', refs: [], reason: owner }))),
    ...real,
  }
  const drilled = withDrills(strategy, {
    now: () => START + sinceMs,
    startsOf: (owners) =>
      Promise.resolve(new Map(owners.includes(SHADOW.owner) ? [[SHADOW.owner, START]] : [])),
  })
  return { drilled, asked }
}

async function healthAt(sinceMs: number) {
  const [reading] = await bed(sinceMs).drilled.read([SHADOW], at)
  return reading?.kind === 'ok' && !reading.health.noDebt ? reading.health : null
}

describe('a strategy with drills', () => {
  it('reads a shadow by its script, at the block and endpoint of the others', async () => {
    const [reading] = await bed().drilled.read([SHADOW], at)
    expect(reading).toMatchObject({ kind: 'ok', unit: 'USD', endpoint: at.endpoint, block: at.block })
  })

  it.each([
    [0, 1_800_000_000_000_000_000n],
    [9_999, 1_800_000_000_000_000_000n],
    [10_000, 1_040_000_000_000_000_000n],
    [89_999, 1_040_000_000_000_000_000n],
    [90_000, 1_800_000_000_000_000_000n],
  ])('says after %i ms what the script says', async (sinceMs, healthWad) => {
    expect(await healthAt(sinceMs)).toEqual({ noDebt: false, healthWad, liquidatable: false })
  })

  it('leaves what is real to the protocol, in order', async () => {
    const { drilled, asked } = bed()
    const readings = await drilled.read([REAL[0], SHADOW, REAL[1]], at)
    expect(readings.map((one) => (one.kind === 'unknown' ? one.detail : one.kind))).toEqual([
      REAL[0].key,
      'ok',
      REAL[1].key,
    ])
    expect(asked).toEqual([REAL])
  })

  it('asks the protocol nothing about shadows alone', async () => {
    const { drilled, asked } = bed()
    await drilled.read([SHADOW], at)
    expect(asked).toEqual([])
  })

  it('says that a shadow whose exercise is over is not there', async () => {
    const [reading] = await bed().drilled.read([drillRef(6, 'neverland')], at)
    expect(reading).toMatchObject({ kind: 'none', endpoint: at.endpoint })
  })

  it('finds no shadow, and tells no details of one', async () => {
    const { drilled } = bed()
    expect(await drilled.discover([ownerAt(1), SHADOW.owner, ownerAt(2)], at)).toEqual([
      { kind: 'partial', refs: [], reason: ownerAt(1) },
      { kind: 'complete', refs: [] },
      { kind: 'partial', refs: [], reason: ownerAt(2) },
    ])
    expect(await drilled.inspect(SHADOW, at)).toMatchObject({ kind: 'none' })
    expect(await drilled.rescue({ ref: SHADOW, targetWad: 1n }, at)).toMatchObject({ kind: 'none' })
    await expect(drilled.inspect(REAL[0], at)).rejects.toThrow('only reads')
  })
})

describe('the shadow wallet of a chat', () => {
  it('is an address of its own for every chat that Telegram can have', () => {
    const chats = [1, -1, 5, 777_000, -1_001_234_567_890, 2 ** 52 - 1, -(2 ** 52 - 1)]
    const owners = chats.map(drillOwner)
    expect(new Set(owners).size).toBe(chats.length)
    for (const owner of owners) expect(owner).toMatch(/^0x0{22}d711[0-9a-f]{14}$/)
    expect(owners.every(isDrillOwner)).toBe(true)
    expect(isDrillOwner(ownerAt(1))).toBe(false)
  })
})
