import { describe, expect, it } from 'vitest'
import { withNewLines } from '../../../../src/domain/alerting/settings.ts'
import type { AlertState } from '../../../../src/domain/alerting/state.ts'
import { DEFAULT_SETTINGS } from '../../../../src/domain/chat-settings.ts'
import { linesFor } from '../../../../src/domain/thresholds.ts'
import { START_MS, series, stateAfter, transitionsOf, wad, wordFor } from './series.ts'

const HOUR = 3_600_000

const rules = { repeatMinutes: DEFAULT_SETTINGS.repeatMinutes }
const told = (text: string) => series(text, { rules })

describe('an alert that nobody has seen', () => {
  it('comes again after 4 hours at warning, 30 minutes at critical, 10 minutes at liquidatable', () => {
    expect(told('1.4 +239min 1.4')).toEqual(['warning'])
    expect(told('1.4 +4h 1.4')).toEqual(['warning', 'repeat:warning'])
    expect(told('1.1 +29min 1.1')).toEqual(['critical'])
    expect(told('1.1 +30min 1.1')).toEqual(['critical', 'repeat:critical'])
    expect(told('0.9 +9min 0.9')).toEqual(['liquidatable'])
    expect(told('0.9 +10min 0.9')).toEqual(['liquidatable', 'repeat:liquidatable'])
  })

  it('comes again and again, each time counted from the last ring, a new low included', () => {
    expect(told('1.1 +30min 1.1 +29min 1.1 +1min 1.1')).toEqual([
      'critical',
      'repeat:critical',
      'repeat:critical',
    ])
    expect(told('1.1 +20min 1.09 +29min 1.09 +1min 1.09')).toEqual(['critical', 'new-low', 'repeat:critical'])
  })

  it('comes at most once for a stop of a whole day', () => {
    expect(told('0.9 +24h 0.9 0.9 0.9')).toEqual(['liquidatable', 'repeat:liquidatable'])
  })

  it('does not come again where the chat does not want it', () => {
    expect(series('1.1 +24h 1.1')).toEqual(['critical'])
    const off = { ...rules.repeatMinutes, critical: null }
    expect(series('1.1 +24h 1.1 0.9 +1h 0.9', { rules: { repeatMinutes: off } })).toEqual([
      'critical',
      'liquidatable',
      'repeat:liquidatable',
    ])
  })

  it('does not come again while health is above the line and on its way out', () => {
    expect(told('1.1 +30min 1.2')).toEqual(['critical'])
  })

  it('comes again while health is above the line by too little to leave the level', () => {
    expect(told('1.1 +30min 1.13')).toEqual(['critical', 'repeat:critical'])
  })

  it('does not come again while nothing can be read, but as soon as it can', () => {
    expect(told('1.1 ? +30min ? 1.1')).toEqual(['critical', 'blind', 'repeat:critical'])
  })

  it('does not take the place of a new low, and is no lower bound for the next', () => {
    expect(told('1.05 +30min 1.09 1.06')).toEqual(['critical', 'repeat:critical'])
    expect(told('1.05 +30min 1.09 1.04')).toEqual(['critical', 'repeat:critical', 'new-low'])
    expect(told('1.09 +30min 1.085 1.08')).toEqual(['critical', 'repeat:critical'])
    expect(told('1.09 +30min 1.085 1.076')).toEqual(['critical', 'repeat:critical', 'new-low'])
  })

  it('at a level that is left over takes the deeper fall before it for the lowest', () => {
    expect(told('1.1 1.3 +60s 1.3 +4h 1.3 1.2')).toEqual(['critical', 'recovered:warning', 'repeat:warning'])
    const paidBack = stateAfter('0.9 nodebt nodebt')
    expect(paidBack).toMatchObject({ level: 'critical', ringHealthWad: wad('0.9') })
  })
})

describe('Seen', () => {
  it('stops the repeats of that level', () => {
    expect(told('1.1 seen +30min 1.1 +24h 1.1')).toEqual(['critical'])
  })

  it('stops no deeper level, and none of its repeats', () => {
    expect(told('1.1 seen 0.9 +10min 0.9')).toEqual(['critical', 'liquidatable', 'repeat:liquidatable'])
  })

  it('still lets a new low ring', () => {
    expect(told('1.1 seen 1.09')).toEqual(['critical', 'new-low'])
  })

  it('at a shallower level does not count for the one that is left over', () => {
    const seen = { level: 'warning', atMs: START_MS } as const
    const from: AlertState = { ...stateAfter('1.6 1.1', { rules }), lastBlock: 0, seen }
    expect(stateAfter('1.3 +60s 1.3', { from })).toMatchObject({ level: 'warning', seen: null })
    expect(series('+31min 1.1', { from, rules })).toEqual(['repeat:critical'])
  })

  it('at a deeper level counts for the one that is left over', () => {
    expect(told('0.9 seen 1.05 1.05 +1h 1.05')).toEqual(['liquidatable', 'recovered:critical'])
    expect(told('0.9 1.05 1.05 +1h 1.05')).toEqual(['liquidatable', 'recovered:critical', 'repeat:critical'])
  })

  it('does not count for the next plunge', () => {
    expect(told('0.9 seen 1.05 1.05 0.9 +10min 0.9')).toEqual([
      'liquidatable',
      'recovered:critical',
      'liquidatable',
      'repeat:liquidatable',
    ])
    expect(told('1.1 seen 1.7 +60s 1.7 1.1 +30min 1.1')).toEqual([
      'critical',
      'recovered',
      'critical',
      'repeat:critical',
    ])
  })
})

describe('an answer to an older alert', () => {
  it('does not count for the level that is reached again after it', () => {
    const state = { ...stateAfter('1.1 1.3 +60s 1.3'), lastBlock: 0 }
    const seen: AlertState = { ...state, seen: { level: 'critical', atMs: START_MS } }
    expect(series('1.1 +30min 1.1', { from: seen, rules })).toEqual(['critical', 'repeat:critical'])
    const snooze: AlertState = { ...state, snooze: { level: 'critical', untilMs: START_MS + 9 * HOUR } }
    expect(series('1.1 1.09', { from: snooze, rules })).toEqual(['critical', 'new-low'])
  })

  it('counts for the level that holds', () => {
    const state = { ...stateAfter('1.1 1.3 +60s 1.3'), lastBlock: 0 }
    const seen: AlertState = { ...state, seen: { level: 'critical', atMs: START_MS } }
    expect(series('1.3 +5h 1.3', { from: seen, rules })).toEqual([])
  })
})

describe('a snoozed alert', () => {
  it('does not come again until the time is over', () => {
    expect(told('1.1 snooze:2h +30min 1.1 +80min 1.1 +10min 1.1')).toEqual(['critical', 'repeat:critical'])
  })
})

describe('how often an alert comes again', () => {
  it('counts from the change when somebody changed it: no setting rings again what was told', () => {
    expect(series('repeats:off 1.1 +24h 1.1 repeats:30 1.1 +29min 1.1')).toEqual(['critical'])
    expect(series('repeats:off 1.1 +24h 1.1 repeats:30 1.1 +30min 1.1')).toEqual([
      'critical',
      'repeat:critical',
    ])
    expect(series('repeats:240 1.4 +2h 1.4 repeats:10 1.4 +9min 1.4')).toEqual(['warning'])
    expect(series('repeats:10 1.1 +9min 1.1 repeats:off 1.1 +24h 1.1')).toEqual(['critical'])
  })

  it('is taken from a state that was stored without it as if it had been so all the time', () => {
    const { ring, ...rest } = stateAfter('1.1', { rules })
    if (!ring) throw new Error('it rang')
    const { everyMinutes, ...old } = ring
    expect(everyMinutes).toBe(30)
    const from: AlertState = { ...rest, ring: old, lastBlock: 0 }
    expect(series('+31min 1.1', { from, rules })).toEqual(['repeat:critical'])
  })
})

describe('a warning in quiet hours', () => {
  // Stories begin at 14:00 UTC.
  const quiet = { fromMinute: 13 * 60, toMinute: 20 * 60, zone: 'UTC' }
  const held = (text: string) =>
    transitionsOf(text, { rules: { ...rules, quiet } }).map((told) => [
      wordFor(told),
      told.holdUntilMs === null ? 'at once' : told.holdUntilMs - START_MS,
    ])

  it('waits for their end, its new lows too, and so does the word that a harmless loan cannot be seen', () => {
    expect(held('1.4 1.3')).toEqual([
      ['warning', 6 * HOUR],
      ['new-low', 6 * HOUR],
    ])
    expect(held('1.4 ? +10min ?')).toEqual([
      ['warning', 6 * HOUR],
      ['blind', 6 * HOUR],
    ])
  })

  it('is all that waits: what is critical or cannot be seen there rings, and good news makes no sound', () => {
    expect(held('1.1 ? +10min ? 1.1 1.6 +60s 1.6')).toEqual([
      ['critical', 'at once'],
      ['blind', 'at once'],
      ['sighted', 'at once'],
      ['recovered', 'at once'],
    ])
  })

  it('does not come again before it could first be heard, and then after as long as ever', () => {
    expect(series('1.4 +5h 1.4 +1h 1.4 +3h 1.4', { rules: { ...rules, quiet } })).toEqual(['warning'])
    expect(series('1.4 +6h 1.4 +239min 1.4', { rules: { ...rules, quiet } })).toEqual(['warning'])
    expect(series('1.4 +6h 1.4 +4h 1.4', { rules: { ...rules, quiet } })).toEqual([
      'warning',
      'repeat:warning',
    ])
  })

  it('leaves the repeats of what is critical as they are', () => {
    expect(series('1.1 +30min 1.1', { rules: { ...rules, quiet } })).toEqual(['critical', 'repeat:critical'])
  })
})

describe('a level that a moved line brought', () => {
  it('was told by the answer and does not come again', () => {
    expect(told('1.6 line:1.8')).toEqual([])
    const moved = withNewLines(stateAfter('1.6'), linesFor(wad('1.8')))
    expect(moved.level).toBe('warning')
    expect(series('line:1.8 1.6 +24h 1.6', { from: { ...moved, lastBlock: 0 }, rules })).toEqual([])
  })
})
