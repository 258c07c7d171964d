import { describe, expect, it } from 'vitest'
import { createHealth, type HealthDeps } from '../../../src/ops/health.ts'

const NOW = 1_800_000_000_000

function bench(over: Partial<HealthDeps> = {}) {
  const at = {
    steadyMs: 1_000,
    oldestMs: null as number | null,
    isHeld: true,
    stores: true,
    blockedMs: 0,
    asked: 0,
  }
  const health = createHealth({
    isHeld: () => at.isHeld,
    cycleSeconds: 15,
    blockedMs: () => at.blockedMs,
    oldestReadyMs: () => {
      at.asked += 1
      return Promise.resolve(at.oldestMs)
    },
    stores: () => at.stores,
    now: () => NOW,
    monotonicNow: () => at.steadyMs,
    ...over,
  })
  /** Past what is kept of the last answer. */
  const report = () => {
    at.steadyMs += 1_000
    return health.report()
  }
  return { health, at, report }
}

describe('health', () => {
  it('is well while it starts and while it waits, and ready only when it works and has seen everything once', async () => {
    const { health, report } = bench()
    expect(await report()).toMatchObject({ status: 'starting', ready: false })
    health.standsBy()
    expect(await report()).toMatchObject({ status: 'standby', ready: false })
    health.works()
    expect(await report()).toMatchObject({ status: 'ok', ready: false })
    health.cycleVerified()
    expect(await report()).toMatchObject({ status: 'ok', ready: true })
  })

  it('is red when no turn was verified for a minute, counted from the start before the first', async () => {
    const { health, at, report } = bench()
    health.works()
    at.steadyMs += 59_000
    expect((await report()).status).toBe('ok')
    expect((await report()).checks['cycle']).toMatchObject({ ok: false, verified: false })
    health.cycleVerified()
    at.steadyMs += 59_000
    expect((await report()).status).toBe('ok')
    expect(await report()).toMatchObject({ status: 'red', ready: false })
  })

  it('waits for three turns when they take longer than a minute', async () => {
    const { health, at, report } = bench({ cycleSeconds: 60 })
    health.works()
    at.steadyMs += 179_000
    expect((await report()).status).toBe('ok')
    expect((await report()).status).toBe('red')
  })

  it('is red when the lease is not held', async () => {
    const { health, at, report } = bench()
    health.works()
    at.isHeld = false
    expect((await report()).checks['lease']).toEqual({ ok: false })
  })

  it('is red when a message that could go out has waited for five minutes', async () => {
    const { health, at, report } = bench()
    health.works()
    at.oldestMs = NOW - 299_999
    expect((await report()).checks['outbox']).toEqual({ ok: true, oldestMs: 299_999 })
    at.oldestMs = NOW - 300_000
    expect(await report()).toMatchObject({ status: 'red', checks: { outbox: { ok: false } } })
  })

  it('is red while the event loop was held up, also on standby', async () => {
    const { health, at, report } = bench()
    health.standsBy()
    at.blockedMs = 20_000
    expect(await report()).toMatchObject({
      status: 'red',
      checks: { eventLoop: { ok: false, blockedMs: 20_000 } },
    })
  })

  it('is red when the database refuses', async () => {
    const { health, report } = bench({ oldestReadyMs: () => Promise.reject(new Error('disk full')) })
    health.works()
    expect(await report()).toMatchObject({
      status: 'red',
      checks: { database: { ok: false }, outbox: { ok: false, oldestMs: null } },
    })
  })

  it('asks the database once for many who ask at the same moment', async () => {
    const { health, at } = bench()
    health.works()
    await Promise.all(Array.from({ length: 50 }, () => health.report()))
    expect(at.asked).toBe(1)
  })

  it('does not answer with what was so before a turn was verified', async () => {
    const { health, at } = bench()
    health.works()
    at.steadyMs += 70_000
    expect((await health.report()).status).toBe('red')
    health.cycleVerified()
    expect((await health.report()).status).toBe('ok')
  })
})
