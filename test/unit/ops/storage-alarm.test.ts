import { describe, expect, it } from 'vitest'
import { createStorageAlarm } from '../../../src/ops/storage-alarm.ts'

const MINUTE_MS = 60_000

function bench() {
  const at = { ms: 0, reaches: true, fails: false, told: [] as string[], errors: [] as unknown[] }
  const alarm = createStorageAlarm({
    tell: (reason) => {
      at.told.push(reason)
      return at.fails ? Promise.reject(new Error('no')) : Promise.resolve(at.reaches)
    },
    monotonicNow: () => at.ms,
    onError: (error) => at.errors.push(error),
  })
  const refusedAt = async (minutes: number): Promise<number> => {
    at.ms = minutes * MINUTE_MS
    alarm.refused('full')
    await Promise.resolve()
    await Promise.resolve()
    return at.told.length
  }
  return { at, alarm, refusedAt }
}

describe('the alarm about storage', () => {
  it('tells once an hour at most, however often something is refused', async () => {
    const { refusedAt } = bench()
    expect([await refusedAt(0), await refusedAt(0), await refusedAt(2), await refusedAt(59)]).toEqual([
      1, 1, 1, 1,
    ])
    expect(await refusedAt(60)).toBe(2)
  })

  it('tries again after a minute when nobody was reached, and after a failure', async () => {
    const { at, refusedAt } = bench()
    at.reaches = false
    expect([await refusedAt(0), await refusedAt(0.5), await refusedAt(1)]).toEqual([1, 1, 2])
    at.fails = true
    expect(await refusedAt(2)).toBe(3)
    expect(at.errors).toHaveLength(1)
  })

  it('is not well for a minute after each refusal', async () => {
    const { at, alarm, refusedAt } = bench()
    expect(alarm.isOk()).toBe(true)
    await refusedAt(10)
    expect(alarm.isOk()).toBe(false)
    at.ms += MINUTE_MS
    expect(alarm.isOk()).toBe(false)
    at.ms += 1
    expect(alarm.isOk()).toBe(true)
  })
})
