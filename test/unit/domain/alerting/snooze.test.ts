import { describe, expect, it } from 'vitest'
import type { AlertState, DangerLevel } from '../../../../src/domain/alerting/state.ts'
import { START_MS, series, stateAfter } from './series.ts'

const HOUR = 3_600_000

/** The state after a story, snoozed for an hour and seen at this level, ready for another story from the start. */
function acknowledged(story: string, level: DangerLevel): AlertState {
  return {
    ...stateAfter(story),
    lastBlock: 0,
    clear: { liquidatable: null, critical: null, warning: null },
    seen: { level, atMs: START_MS },
    snooze: { level, untilMs: START_MS + HOUR },
  }
}

describe('an alert that was snoozed', () => {
  it('rings no new low of its level until the time is over', () => {
    const from = acknowledged('1.6 1.4', 'warning')
    expect(series('1.36 1.3 1.2', { from: { ...from, snooze: null } })).toEqual([
      'new-low',
      'new-low',
      'new-low',
    ])
    expect(series('1.36 1.3 1.2', { from })).toEqual([])
  })

  it('rings the next new low once the time is over, measured from the last ring', () => {
    const from = acknowledged('1.6 1.4', 'warning')
    expect(series('1.36 +2h 1.36', { from })).toEqual(['new-low'])
    expect(series('+2h 1.37', { from })).toEqual([])
  })

  it('rings again in the very moment the time is over, and not a moment before', () => {
    const from = acknowledged('1.6 1.4', 'warning')
    const until = (untilMs: number): AlertState => ({ ...from, snooze: { level: 'warning', untilMs } })
    expect(series('1.36', { from: until(START_MS) })).toEqual(['new-low'])
    expect(series('1.36', { from: until(START_MS + 1) })).toEqual([])
  })

  it('rings a deeper level at once', () => {
    expect(series('1.12', { from: acknowledged('1.6 1.4', 'warning') })).toEqual(['critical'])
    expect(series('0.9', { from: acknowledged('1.6 1.1', 'critical') })).toEqual(['liquidatable'])
  })

  it('rings the new lows of a deeper level than the snoozed one', () => {
    const from = acknowledged('1.6 1.4', 'warning')
    expect(series('1.1 1.09', { from: { ...from, snooze: null } })).toEqual(['critical', 'new-low'])
    expect(series('1.1 1.09', { from })).toEqual(['critical', 'new-low'])
  })

  it('at a shallower level sleeps no deeper one, and keeps it from no second chat', () => {
    const snooze = { level: 'warning', untilMs: START_MS + 9 * HOUR } as const
    const rules = { escalates: true }
    const from: AlertState = { ...stateAfter('1.6 1.1', { rules }), lastBlock: 0, snooze }
    expect(series('1.09', { from, rules })).toEqual(['new-low'])
    expect(series('+11min 1.1', { from, rules })).toEqual(['escalation'])
  })

  it('still tells that the loan cannot be seen, and that it can again', () => {
    const from = acknowledged('1.6 1.4', 'warning')
    expect(series('? +11min ? 1.3', { from })).toEqual(['blind', 'sighted'])
  })

  it('stays snoozed and seen while its level lasts', () => {
    const from = acknowledged('1.6 1.4', 'warning')
    const state = stateAfter('1.36 ? 1.45', { from })
    expect([state.snooze, state.seen]).toEqual([from.snooze, from.seen])
  })

  it('is neither snoozed nor seen any more after a recovery, so that the next fall rings in full', () => {
    const from = acknowledged('1.6 1.4', 'warning')
    const state = stateAfter('1.7 +60s 1.7', { from })
    expect(state).toMatchObject({ level: 'safe', snooze: null, seen: null })
    expect(series('1.7 +60s 1.7 1.4 1.36', { from })).toEqual(['recovered', 'warning', 'new-low'])
  })

  it('is not snoozed any more after a recovery by one level, and counts as seen at the one that is left over', () => {
    const from = acknowledged('1.6 1.1', 'critical')
    const state = stateAfter('1.3 +60s 1.3', { from })
    expect(state).toMatchObject({ level: 'warning', snooze: null, seen: { level: 'warning' } })
  })

  it('is neither snoozed nor seen any more once the loan is closed', () => {
    const from = acknowledged('1.6 1.4', 'warning')
    expect(stateAfter('none none', { from })).toMatchObject({ closed: true, snooze: null, seen: null })
  })
})

describe('an alert that was seen', () => {
  it('rings like any other: a new low, a deeper level, and again after a recovery', () => {
    const from: AlertState = { ...acknowledged('1.6 1.4', 'warning'), snooze: null }
    expect(series('1.36 1.1', { from })).toEqual(['new-low', 'critical'])
    expect(series('1.7 +60s 1.7 1.4', { from })).toEqual(['recovered', 'warning'])
  })
})
