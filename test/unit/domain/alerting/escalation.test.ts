import { describe, expect, it } from 'vitest'
import { withNewLines } from '../../../../src/domain/alerting/settings.ts'
import { linesFor } from '../../../../src/domain/thresholds.ts'
import { START_MS, series, stateAfter, transitionsOf, wad } from './series.ts'

const rules = { escalates: true }
const told = (text: string) => series(text, { rules })

describe('a critical loan that nobody answers', () => {
  it('goes to the second chat after ten minutes', () => {
    expect(told('1.1 +10min 1.1')).toEqual(['critical', 'escalation'])
    expect(told('1.1 +599s 1.1')).toEqual(['critical'])
  })

  it('goes nowhere without a second chat', () => {
    expect(series('1.1 +1h 1.1')).toEqual(['critical'])
  })

  it('goes there once for each level, the deeper one at once', () => {
    expect(told('1.1 +10min 1.1 +1h 1.1')).toEqual(['critical', 'escalation'])
    expect(told('1.1 +10min 1.1 +1min 0.9 +1h 0.9')).toEqual([
      'critical',
      'escalation',
      'liquidatable',
      'escalation',
    ])
  })

  it('goes there once for a level, although it falls further there', () => {
    expect(told('1.1 +10min 1.1 1.05 +1h 1.05')).toEqual(['critical', 'escalation', 'new-low'])
  })

  it('goes nowhere any more once so little is owed that it would wake nobody', () => {
    expect(told('1.1 +9min dust:1.1 +1min ?')).toEqual(['critical'])
    expect(told('1.1 +9min 1.1 +1min ?')).toEqual(['critical', 'escalation'])
  })

  it('counts from the first alarm that nobody answered, not from the newest', () => {
    expect(told('1.1 +9min 0.9 +1min 0.9')).toEqual(['critical', 'liquidatable', 'escalation'])
  })

  it('stays in the first chat when somebody pressed Seen or Snooze', () => {
    expect(told('1.1 seen +1h 1.1')).toEqual(['critical'])
    expect(told('1.1 snooze:2h +1h 1.1')).toEqual(['critical'])
  })

  it('goes there when nobody answers for ten minutes after a snooze is over', () => {
    expect(told('1.1 snooze:1h +69min 1.1')).toEqual(['critical'])
    expect(told('1.1 snooze:1h +70min 1.1')).toEqual(['critical', 'escalation'])
    expect(told('1.1 snooze:1h +61min 0.9 +8min 0.9')).toEqual(['critical', 'liquidatable'])
    expect(told('1.1 snooze:1h +61min 0.9 +9min 0.9')).toEqual(['critical', 'liquidatable', 'escalation'])
  })

  it('goes there although the level above it sleeps', () => {
    expect(told('1.1 snooze:2h +20min 0.9 +9min 0.9 +1min 0.9')).toEqual([
      'critical',
      'liquidatable',
      'escalation',
    ])
  })

  it('is not kept in the first chat by an answer to an older alert of the same level', () => {
    const from = {
      ...stateAfter('1.1 1.3 +60s 1.3'),
      seen: { level: 'critical', atMs: START_MS },
      lastBlock: 0,
    } as const
    expect(series('1.1 +10min 1.1', { from, rules })).toEqual(['critical', 'escalation'])
  })

  it('waits for an answer to a new low where a moved line had brought the level', () => {
    const moved = withNewLines(stateAfter('1.6'), linesFor(wad('4')))
    expect(moved.level).toBe('critical')
    const played = (text: string) =>
      series(`line:4 ${text}`, { from: { ...moved, lastBlock: 0 }, rules: { escalates: true } })
    expect(played('1.6 +1h 1.6')).toEqual([])
    expect(played('1.6 snooze:1h +3h 1.6')).toEqual([])
    expect(played('1.5 +10min 1.5')).toEqual(['new-low', 'escalation'])
  })

  it('counts anew when it falls deeper than what was seen', () => {
    expect(told('1.1 seen +5min 0.9 +9min 0.9 +1min 0.9')).toEqual(['critical', 'liquidatable', 'escalation'])
  })

  it('goes there although nothing can be read any more', () => {
    expect(told('1.1 ? +3min ? +7min ?')).toEqual(['critical', 'blind', 'escalation'])
  })

  it('does not go there once it is only a warning, and anew after the next plunge', () => {
    expect(told('1.1 1.3 +60s 1.3 +1h 1.3')).toEqual(['critical', 'recovered:warning'])
    expect(told('1.1 +10min 1.1 1.3 +60s 1.3 1.1 +10min 1.1')).toEqual([
      'critical',
      'escalation',
      'recovered:warning',
      'critical',
      'escalation',
    ])
  })

  it('never for a warning, and never for what is closed', () => {
    expect(told('1.4 +24h 1.4')).toEqual(['warning'])
    expect(told('1.1 none none +1h none')).toEqual(['critical', 'closed'])
  })

  it('tells the level and the last reading, with the next number', () => {
    const [, escalation] = transitionsOf('1.1 +10min 1.09', { rules }).filter(({ newLow }) => !newLow)
    expect(escalation).toMatchObject({ kind: 'escalation', to: 'critical', seq: 3, reading: null })
    expect(escalation?.before?.health).toMatchObject({ healthWad: 1_090_000_000_000_000_000n })
  })
})
