import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTimeZone, minuteOfDay, type QuietHours, quietUntil } from '../../../src/domain/quiet-hours.ts'
import { transitionsOf } from './alerting/series.ts'

const at = (iso: string): number => Date.parse(iso)
const clock = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
const quiet = (...[from, to, zone]: [from: string, to: string, zone: string]): QuietHours => ({
  fromMinute: clock(from),
  toMinute: clock(to),
  zone,
})
const until = (hours: QuietHours, iso: string): string | null => {
  const end = quietUntil(hours, at(iso))
  return end === null ? null : new Date(end).toISOString().slice(0, 19)
}

describe('quiet hours', () => {
  it('end at their end, on the same day or the next', () => {
    const nights = quiet('23:00', '07:00', 'UTC')
    expect(until(nights, '2026-01-15T22:59:59Z')).toBeNull()
    expect(until(nights, '2026-01-15T23:00:00Z')).toBe('2026-01-16T07:00:00')
    expect(until(nights, '2026-01-16T03:30:20Z')).toBe('2026-01-16T07:00:00')
    expect(until(nights, '2026-01-16T06:59:59Z')).toBe('2026-01-16T07:00:00')
    expect(until(nights, '2026-01-16T07:00:00Z')).toBeNull()
    const noon = quiet('12:00', '13:30', 'UTC')
    expect(until(noon, '2026-01-15T12:10:00Z')).toBe('2026-01-15T13:30:00')
    expect(until(noon, '2026-01-15T13:30:00Z')).toBeNull()
  })

  it('are those of the zone they are set for, half hours included', () => {
    expect(until(quiet('23:00', '07:00', 'Asia/Shanghai'), '2026-01-15T16:00:00Z')).toBe(
      '2026-01-15T23:00:00',
    )
    expect(until(quiet('23:00', '07:00', 'Asia/Kolkata'), '2026-01-15T18:00:00Z')).toBe('2026-01-16T01:30:00')
    expect(until(quiet('23:00', '07:00', 'America/New_York'), '2026-01-15T05:00:00Z')).toBe(
      '2026-01-15T12:00:00',
    )
  })

  it('end at the hour on the wall also in the night in which the clock is changed', () => {
    const nights = quiet('23:00', '07:00', 'Europe/Berlin')
    // Forward on 29 March 2026, back on 25 October 2026.
    expect(until(nights, '2026-03-28T23:30:00Z')).toBe('2026-03-29T05:00:00')
    expect(until(nights, '2026-10-24T22:30:00Z')).toBe('2026-10-25T06:00:00')
  })

  it('are none when both ends are the same, or when none are set', () => {
    expect(quietUntil(quiet('08:00', '08:00', 'UTC'), at('2026-01-15T08:00:00Z'))).toBeNull()
    expect(quietUntil(null, 0)).toBeNull()
  })

  it('end within a day and after now, at any time in any zone', () => {
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    )
    const minute = fc.integer({ min: 0, max: 1_439 })
    const moment = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-12-31T00:00:00Z') })
    fc.assert(
      fc.property(minute, minute, zones, moment, (...[fromMinute, toMinute, zone, nowMs]) => {
        const end = quietUntil({ fromMinute, toMinute, zone }, nowMs)
        if (end === null) return
        expect(end).toBeGreaterThan(nowMs)
        expect(end - nowMs).toBeLessThanOrEqual(26 * 3_600_000)
      }),
    )
  })
})

describe('isTimeZone', () => {
  it('knows names of zones and nothing else', () => {
    expect(['UTC', 'Europe/Berlin', 'Asia/Shanghai'].every(isTimeZone)).toBe(true)
    expect(['', 'Mars/Base', '<b>', 'Europe/'].some(isTimeZone)).toBe(false)
  })
})

describe('minuteOfDay', () => {
  it('counts midnight as 0', () => {
    expect(minuteOfDay('UTC', at('2026-01-15T00:00:00Z'))).toBe(0)
    expect(minuteOfDay('UTC', at('2026-01-15T23:59:00Z'))).toBe(1_439)
  })
})

describe('an alert in quiet hours', () => {
  // Stories begin at 14:00 UTC.
  const rules = { quiet: quiet('13:00', '15:30', 'UTC'), escalates: true }
  const end = at('2026-01-15T15:30:00Z')
  const held = (text: string) =>
    transitionsOf(text, { rules }).map(({ kind, holdUntilMs }) => [kind, holdUntilMs])

  it('waits for their end when it is a warning, a new low of it, or blindness before anything was critical', () => {
    expect(held('1.4 1.36')).toEqual([
      ['warning', end],
      ['warning', end],
    ])
    expect(held('1.6 ? +10min ?')).toEqual([['blind', end]])
  })

  it('breaks through when it is critical or worse, blindness while critical, or an escalation', () => {
    expect(held('1.1 ? +10min ? 0.9')).toEqual([
      ['critical', null],
      ['blind', null],
      ['escalation', null],
      ['liquidatable', null],
      ['escalation', null],
    ])
  })

  it('does not wait when it makes no sound', () => {
    expect(held('1.4 1.7 +60s 1.7')).toEqual([
      ['warning', end],
      ['recovered', null],
    ])
  })

  it('does not wait outside of them', () => {
    expect(held('1.6 +2h 1.4')).toEqual([['warning', null]])
  })
})
