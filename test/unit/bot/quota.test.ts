import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Admission, createQuota, type Quota } from '../../../src/bot/quota.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

interface Clocked {
  readonly quota: Quota
  readonly at: (ms: number) => void
}

function quotaOf(limits: { perMinute: number; perHour: number }): Clocked {
  let nowMs = 1_800_000_000_000
  const start = nowMs
  return {
    quota: createQuota({ ...limits, now: () => nowMs }),
    at(ms) {
      nowMs = start + ms
    },
  }
}

describe('the quota of looks', () => {
  it('lets so many through in a minute, says no once and is silent after that', () => {
    const { quota } = quotaOf({ perMinute: 3, perHour: 100 })
    const answers = Array.from({ length: 6 }, () => quota.admit(7))
    expect(answers).toEqual(['ok', 'ok', 'ok', 'refused', 'refused-again', 'refused-again'])
  })

  it('opens again exactly a minute after the look that is oldest', () => {
    const { quota, at } = quotaOf({ perMinute: 2, perHour: 100 })
    quota.admit(7)
    at(30_000)
    quota.admit(7)
    at(MINUTE - 1)
    expect(quota.admit(7)).toBe('refused')
    at(MINUTE)
    expect([quota.admit(7), quota.admit(7)]).toEqual(['ok', 'refused'])
    at(MINUTE + 30_000)
    expect(quota.admit(7)).toBe('ok')
  })

  it('counts the hour as well, however the looks are spread', () => {
    const { quota, at } = quotaOf({ perMinute: 2, perHour: 4 })
    for (const minute of [0, 10, 20, 30]) {
      at(minute * MINUTE)
      expect(quota.admit(7)).toBe('ok')
    }
    at(HOUR - 1)
    expect(quota.admit(7)).toBe('refused')
    at(HOUR)
    expect(quota.admit(7)).toBe('ok')
    expect(quota.admit(7)).toBe('refused')
  })

  it('does not punish knocking: what was refused counts for nothing', () => {
    const { quota, at } = quotaOf({ perMinute: 1, perHour: 2 })
    quota.admit(7)
    for (let second = 1; second < 60; second += 1) {
      at(second * 1000)
      quota.admit(7)
    }
    at(MINUTE)
    expect(quota.admit(7)).toBe('ok')
  })

  it('says no anew after a look that went through', () => {
    const { quota, at } = quotaOf({ perMinute: 1, perHour: 100 })
    expect([quota.admit(7), quota.admit(7), quota.admit(7)]).toEqual(['ok', 'refused', 'refused-again'])
    at(MINUTE)
    expect([quota.admit(7), quota.admit(7), quota.admit(7)]).toEqual(['ok', 'refused', 'refused-again'])
  })

  it('counts every person alone', () => {
    const { quota } = quotaOf({ perMinute: 1, perHour: 100 })
    expect([quota.admit(1), quota.admit(2), quota.admit(1), quota.admit(2), quota.admit(3)]).toEqual([
      'ok',
      'ok',
      'refused',
      'refused',
      'ok',
    ])
  })

  it('remembers ten thousand people at most and forgets the one quiet for longest', () => {
    const { quota } = quotaOf({ perMinute: 1, perHour: 1 })
    for (let person = 1; person <= 10_000; person += 1) quota.admit(person)
    expect(quota.admit(10_001)).toBe('ok')
    expect(quota.admit(10_001)).toBe('refused')
    expect(quota.admit(10_000)).toBe('refused')
    expect(quota.admit(1)).toBe('ok')
  })

  it('does not forget somebody who keeps knocking while strangers pour in', () => {
    const { quota } = quotaOf({ perMinute: 1, perHour: 1 })
    quota.admit(1)
    for (let person = 2; person <= 10_000; person += 1) quota.admit(person)
    expect(quota.admit(1)).toBe('refused')
    for (let person = 20_000; person < 20_100; person += 1) quota.admit(person)
    expect(quota.admit(1)).toBe('refused-again')
  })

  it('agrees with a plain count over any history of looks', () => {
    const look = fc.record({
      waitMs: fc.constantFrom(0, 1, 999, 30_000, 59_999, MINUTE, 10 * MINUTE, HOUR),
      person: fc.integer({ min: 1, max: 3 }),
    })
    fc.assert(
      fc.property(fc.array(look, { maxLength: 80 }), (looks) => {
        const { quota, at } = quotaOf({ perMinute: 2, perHour: 5 })
        const passed: { atMs: number; person: number }[] = []
        const told = new Set<number>()
        let nowMs = 0
        for (const { waitMs, person } of looks) {
          nowMs += waitMs
          at(nowMs)
          const own = passed.filter((one) => one.person === person)
          const within = (ms: number) => own.filter(({ atMs }) => nowMs - atMs < ms).length
          let expected: Admission = told.has(person) ? 'refused-again' : 'refused'
          if (within(MINUTE) < 2 && within(HOUR) < 5) {
            expected = 'ok'
            passed.push({ atMs: nowMs, person })
            told.delete(person)
          } else told.add(person)
          expect(quota.admit(person)).toBe(expected)
        }
      }),
    )
  })
})
