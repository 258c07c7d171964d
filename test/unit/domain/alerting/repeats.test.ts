import { describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../../../src/domain/chat-settings.ts'
import { series, stateAfter } from './series.ts'

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

  it('does not come again while nothing can be read, but as soon as it can', () => {
    expect(told('1.1 ? +30min ? 1.1')).toEqual(['critical', 'blind', 'repeat:critical'])
  })

  it('does not take the place of a new low, and is no lower bound for the next', () => {
    expect(told('1.05 +30min 1.09 1.06')).toEqual(['critical', 'repeat:critical'])
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

describe('a snoozed alert', () => {
  it('does not come again until the time is over', () => {
    expect(told('1.1 snooze:2h +30min 1.1 +80min 1.1 +10min 1.1')).toEqual(['critical', 'repeat:critical'])
  })
})

describe('a clock that was set back', () => {
  it('delays a repeat by no more than it was set back, and makes no burst', () => {
    const from = stateAfter('1.1', { rules })
    const ahead = { ...from, ring: from.ring && { ...from.ring, atMs: from.ring.atMs + 3_600_000 } }
    expect(series('1.1 1.1 +89min 1.1', { from: { ...ahead, lastBlock: 0 }, rules })).toEqual([])
    expect(series('1.1 +90min 1.1 1.1', { from: { ...ahead, lastBlock: 0 }, rules })).toEqual([
      'repeat:critical',
    ])
  })
})

describe('a level that a moved line brought', () => {
  it('was told by the answer and does not come again', () => {
    expect(told('1.6 line:1.8')).toEqual([])
  })
})
