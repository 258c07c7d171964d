import { beforeEach, describe, expect, it } from 'vitest'
import { type AlertState, worthStoring } from '../../../../src/domain/alerting/state.ts'
import { withoutFuture } from '../../../../src/domain/alerting/trust.ts'
import { DEFAULT_SETTINGS } from '../../../../src/domain/chat-settings.ts'
import { START_MS, series, stateAfter } from './series.ts'

const HOUR = 3_600_000

const rules = { repeatMinutes: DEFAULT_SETTINGS.repeatMinutes }

describe('a clock that was set back', () => {
  let ahead: AlertState
  beforeEach(() => {
    const state = stateAfter('1.1', { rules })
    ahead = {
      ...state,
      lastBlock: 0,
      last: state.last && { ...state.last, atMs: state.last.atMs + HOUR },
      ring: state.ring && { ...state.ring, atMs: state.ring.atMs + HOUR, deepSinceMs: START_MS + HOUR },
    }
  })

  it('lets the wait for a repeat begin anew, without a burst', () => {
    expect(series('1.1 +29min 1.1', { from: ahead, rules })).toEqual([])
    expect(series('1.1 +30min 1.1 1.1 1.1', { from: ahead, rules })).toEqual(['repeat:critical'])
  })

  it('lets the wait for an answer begin anew', () => {
    const escalating = { escalates: true }
    expect(series('1.1 +9min 1.1', { from: ahead, rules: escalating })).toEqual([])
    expect(series('1.1 +10min 1.1', { from: ahead, rules: escalating })).toEqual(['escalation'])
  })

  it('puts off the news of a loan that cannot be seen by no more than its own minutes', () => {
    expect(series('? +2min ? +1min ?', { from: ahead })).toEqual(['blind'])
    expect(series('? +2min ?', { from: ahead })).toEqual([])
  })

  it('puts it off no longer where the first failed read lies ahead as well', () => {
    const unseen = { sinceMs: START_MS + HOUR, reason: 'rpc', detail: 'no answer (rpc)' } as const
    const from: AlertState = { ...ahead, unseen }
    expect(series('? +2min ? +59s ?', { from })).toEqual([])
    expect(series('? +3min ?', { from })).toEqual(['blind'])
    expect(stateAfter('?', { from }).unseen).toEqual({ ...unseen, sinceMs: START_MS })
  })

  it('puts off the belief in lower blocks by no more than ten minutes', () => {
    const at = { sinceMs: START_MS + HOUR, backSinceMs: START_MS + HOUR }
    const unseen = { ...at, reason: 'reorg', detail: 'contradiction' } as const
    const from: AlertState = { ...ahead, unseen, lastBlock: 1_000_000_000 }
    expect(stateAfter('?', { from }).unseen).toMatchObject({ sinceMs: START_MS, backSinceMs: START_MS })
    expect(stateAfter('1.1 +599s 1.1', { from }).lastBlock).toBe(1_000_000_000)
    expect(stateAfter('1.1 +10min 1.1', { from }).lastBlock).toBeLessThan(1_000_000_000)
  })

  it('moves nothing that lies behind it', () => {
    for (const story of ['1.4', '1.1', '1.1 ?', '1.1 ?reorg', '1.6'])
      expect(withoutFuture(stateAfter(story), START_MS + HOUR)).toEqual(stateAfter(story))
  })

  it('is worth storing: after a restart everything would wait once more', () => {
    expect(worthStoring(ahead, stateAfter('1.1', { from: ahead, rules }))).toBe(true)
    expect(worthStoring(ahead, stateAfter('?', { from: ahead, rules }))).toBe(true)
  })
})

describe('a clock that jumped ahead a day and was put right', () => {
  it('repeats once at most, and goes on as before', () => {
    const jumped = stateAfter('1.1 +24h 1.1 1.1', { rules })
    expect(series('1.1 +24h 1.1 1.1', { rules })).toEqual(['critical', 'repeat:critical'])
    const from = { ...jumped, lastBlock: 0 }
    expect(series('1.1 1.1 +29min 1.1', { from, rules })).toEqual([])
    expect(series('1.1 +30min 1.1 1.1', { from, rules })).toEqual(['repeat:critical'])
  })
})
