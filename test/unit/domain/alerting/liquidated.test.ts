import { describe, expect, it } from 'vitest'
import { decideLiquidation } from '../../../../src/domain/alerting/decide.ts'
import { linesFor } from '../../../../src/domain/thresholds.ts'
import { QUIET_RULES, START_MS, series, stateAfter, transitionsOf, wad } from './series.ts'

const at = { lines: linesFor(wad('1.5')), rules: QUIET_RULES, nowMs: START_MS }
const event = (block: number, logIndex: number) => ({ block, logIndex, repaid: null, seized: null })

describe('a liquidation', () => {
  it('is told at any level, beside whatever the readings tell', () => {
    expect(series('0.9 liquidated 1.2 1.2')).toEqual(['liquidatable', 'liquidated', 'recovered:critical'])
    expect(series('1.9 liquidated 1.9')).toEqual(['liquidated'])
  })

  it('is told once, however often its event is read', () => {
    expect(series('0.9 liquidated liquidated:same')).toEqual(['liquidatable', 'liquidated'])
  })

  it('is told each time there is another one, in the same block too', () => {
    expect(series('0.9 liquidated liquidated')).toEqual(['liquidatable', 'liquidated', 'liquidated'])
  })

  it('takes the next number and leaves level, episode and answers as they are', () => {
    const before = stateAfter('0.9 seen')
    const { state, transitions } = decideLiquidation({ ...at, state: before, liquidation: event(7, 1) })
    expect(state).toEqual({ ...before, seq: before.seq + 1, liquidation: { block: 7, logIndex: 1 } })
    expect(transitions).toMatchObject([{ kind: 'liquidated', seq: before.seq + 1, before: before.last }])
    expect(transitions[0]?.liquidation).toEqual(event(7, 1))
  })

  it('from before the last one told changes nothing', () => {
    const { state } = decideLiquidation({ ...at, state: null, liquidation: event(7, 3) })
    for (const old of [event(7, 3), event(7, 2), event(6, 9)]) {
      expect(decideLiquidation({ ...at, state, liquidation: old })).toEqual({ state, transitions: [] })
    }
    for (const young of [event(7, 4), event(8, 0)]) {
      expect(decideLiquidation({ ...at, state, liquidation: young }).transitions).toHaveLength(1)
    }
  })

  it('may be the first that is heard of a loan', () => {
    const { state, transitions } = decideLiquidation({ ...at, state: null, liquidation: event(7, 3) })
    expect(state).toMatchObject({ level: 'safe', seq: 1, firstSeenMs: START_MS })
    expect(transitions).toMatchObject([
      { kind: 'liquidated', badDebt: false, dust: false, repeat: false, newLow: false },
    ])
  })

  it('breaks through quiet hours', () => {
    const quiet = { fromMinute: 0, toMinute: 1_439, zone: 'UTC' }
    const told = transitionsOf('0.9 liquidated', { rules: { quiet } })
    expect(told.map(({ holdUntilMs }) => holdUntilMs)).toEqual([null, null])
  })

  it('is remembered after the loan is gone, so that its event tells nothing again', () => {
    const gone = stateAfter('0.9 liquidated none none')
    expect(gone.closed).toBe(true)
    const told = stateAfter('0.9 liquidated').liquidation
    if (!told) throw new Error('it was told')
    const again = decideLiquidation({ ...at, state: gone, liquidation: { ...event(0, 0), ...told } })
    expect(again).toEqual({ state: gone, transitions: [] })
    expect(series('0.9 liquidated none none liquidated')).toEqual([
      'liquidatable',
      'liquidated',
      'closed',
      'liquidated',
    ])
  })
})
