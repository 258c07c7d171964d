import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Decision, decide } from '../../../../src/domain/alerting/decide.ts'
import { levelUnder } from '../../../../src/domain/alerting/levels.ts'
import { withNewLines } from '../../../../src/domain/alerting/settings.ts'
import { type AlertState, initialState } from '../../../../src/domain/alerting/state.ts'
import type { Health } from '../../../../src/domain/position.ts'
import { type Lines, linesFor } from '../../../../src/domain/thresholds.ts'
import { blockAt, QUIET_RULES, START_MS, stateAfter, wad } from './series.ts'

const NO_CLEARANCE = { liquidatable: null, critical: null, warning: null }

function line(text: string): Lines {
  return linesFor(wad(text))
}

/** The reading after the last one: this health, in the next block, fifteen seconds later. */
function next(state: AlertState, at: { health: Health; lines: Lines }): Decision {
  const nowMs = ((state.last?.blockTimestamp ?? START_MS / 1000) + 15) * 1000
  const { collateral, debt } = {
    collateral: { amount: 12_000n, decimals: 0 },
    debt: { amount: 10_000n, decimals: 0 },
  }
  const block = blockAt(state.lastBlock + 1, nowMs)
  const reading = {
    kind: 'ok',
    health: at.health,
    collateral,
    debt,
    unit: 'USD',
    block,
    endpoint: 'first',
  } as const
  return decide({ state, reading, lines: at.lines, rules: QUIET_RULES, nowMs })
}

function health(text: string): Health {
  return { noDebt: false, healthWad: wad(text), liquidatable: wad(text) < wad('1') }
}

function kinds({ transitions }: Decision): string[] {
  return transitions.map(({ kind, newLow }) => (newLow ? 'new-low' : kind))
}

describe('a line that somebody moved', () => {
  it('takes a safe loan to the level it has under the new line, and starts an episode', () => {
    const state = stateAfter('1.6')
    expect(withNewLines(state, line('2'))).toEqual({
      ...state,
      level: 'warning',
      episode: state.episode + 1,
      ringHealthWad: wad('1.6'),
    })
    expect(withNewLines(state, line('5'))).toMatchObject({ level: 'critical', episode: state.episode + 1 })
  })

  it('takes a loan deeper within its episode', () => {
    const state = stateAfter('1.6 1.4')
    expect(withNewLines(state, line('4'))).toMatchObject({
      level: 'critical',
      episode: state.episode,
      ringHealthWad: wad('1.4'),
    })
  })

  it('takes a loan back to safe at once, with nothing left of the episode', () => {
    const state: AlertState = {
      ...stateAfter('1.6 1.1'),
      seen: { level: 'critical', atMs: START_MS },
      snooze: { level: 'critical', untilMs: START_MS + 3_600_000 },
      clear: { ...NO_CLEARANCE, critical: { readings: 1, sinceS: 5 } },
    }
    expect(withNewLines(state, line('1.05'))).toEqual({
      ...state,
      level: 'safe',
      ringHealthWad: null,
      seen: null,
      snooze: null,
      ring: null,
      clear: NO_CLEARANCE,
    })
  })

  it('takes a critical loan back to warning', () => {
    expect(withNewLines(stateAfter('1.6 1.1'), line('1.2'))).toMatchObject({
      level: 'warning',
      ringHealthWad: wad('1.1'),
    })
  })

  it('counts a health exactly on the new line as under it', () => {
    expect(withNewLines(stateAfter('1.6'), line('1.6')).level).toBe('warning')
    expect(withNewLines(stateAfter('1.6'), line('1.599999999999999999')).level).toBe('safe')
  })

  it('uses no number of an alert', () => {
    const state = stateAfter('1.6 1.4')
    for (const moved of ['1.05', '1.5', '4']) expect(withNewLines(state, line(moved)).seq).toBe(state.seq)
  })

  it('does not move what the contract calls liquidatable', () => {
    for (const story of ['1.6 0.9', '1.6 0.9 1.4', '1.6 liq:1.2']) {
      const state = stateAfter(story)
      expect(state.level).toBe('liquidatable')
      for (const moved of ['1.01', '2', '10']) expect(withNewLines(state, line(moved))).toBe(state)
    }
  })

  it('changes nothing about a loan that is closed or was never read, or has its level already', () => {
    const closed = stateAfter('1.6 none none')
    expect(closed.closed).toBe(true)
    const unread = initialState({ nowMs: START_MS })
    const same = stateAfter('1.6 1.4')
    expect(withNewLines(closed, line('9'))).toBe(closed)
    expect(withNewLines(unread, line('9'))).toBe(unread)
    expect(withNewLines(same, line('1.45'))).toBe(same)
  })

  it('lets what was counted against the old line count for nothing, where the level stays', () => {
    const state = stateAfter('1.6 1.4 1.7')
    expect(state.clear.warning).not.toBeNull()
    expect(withNewLines(state, line('1.75'))).toEqual({ ...state, clear: NO_CLEARANCE })
  })

  it('does not make a loan liquidatable that is too small to ring', () => {
    const state = stateAfter('dust:0.5')
    expect(withNewLines(state, line('2'))).toBe(state)
  })

  it('leaves a deposit without debt safe', () => {
    const state = stateAfter('nodebt')
    expect(withNewLines(state, line('10'))).toBe(state)
  })

  it('lets the loan ring when it goes deeper, and only then', () => {
    const lines = line('2')
    const state = withNewLines(stateAfter('1.6'), lines)
    expect(kinds(next(state, { health: health('1.6'), lines }))).toEqual([])
    expect(kinds(next(state, { health: health('1.55'), lines }))).toEqual([])
    expect(kinds(next(state, { health: health('1.54'), lines }))).toEqual(['new-low'])
    expect(kinds(next(state, { health: health('1.2'), lines }))).toEqual(['critical'])
    expect(kinds(next(state, { health: health('0.99'), lines }))).toEqual(['liquidatable'])
  })

  it('lets a loan that became safe by it ring under the new line', () => {
    const lines = line('1.2')
    const state = withNewLines(stateAfter('1.6 1.4'), lines)
    expect(kinds(next(state, { health: health('1.4'), lines }))).toEqual([])
    const rung = next(state, { health: health('1.19'), lines })
    expect(kinds(rung)).toEqual(['warning'])
    expect(rung.state.episode).toBe(state.episode + 1)
  })

  it('after any story and for any line: the same reading rings nothing, a liquidation rings', () => {
    const word = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.integer({ min: 90, max: 220 }).map((percent) => (percent / 100).toFixed(2)),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom('nodebt', 'none', '?', 'liq:1.2', '+60s', '+12min', 'line:1.3', 'line:3'),
      },
    )
    const story = fc.array(word, { maxLength: 30 }).map((rest) => ['1.7', ...rest].join(' '))
    const milli = fc.integer({ min: 1001, max: 10_000 })
    fc.assert(
      fc.property(story, milli, (text, warning) => {
        const lines = linesFor(BigInt(warning) * 10n ** 15n)
        const before = stateAfter(text)
        const state = withNewLines(before, lines)
        expect(state.seq).toBe(before.seq)
        if (state.closed || state.last === null || state.level === 'liquidatable') {
          expect({ ...state, clear: before.clear }).toEqual(before)
          return
        }
        expect(state.level).toBe(levelUnder(state.last.health, lines))
        expect(withNewLines(state, lines)).toBe(state)
        const told = kinds(next(state, { health: state.last.health, lines }))
        expect(told).toEqual(state.blind ? ['sighted'] : [])
        expect(kinds(next(state, { health: health('0.5'), lines }))).toEqual(['liquidatable'])
      }),
      { numRuns: 300 },
    )
  })
})
