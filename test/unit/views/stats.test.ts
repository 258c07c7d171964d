import { describe, expect, it } from 'vitest'
import { type Stats, statsView } from '../../../src/views/stats.ts'
import { expectSendable, NOW_MS } from './kit.ts'

function stats(over: Partial<Stats> = {}): string[] {
  const shown = statsView({
    people: 1_234,
    looksPerMinute: 17,
    meanLookMs: 312,
    alertLatencyMs: { p50: 900, p99: 12_104 },
    alertsSent: 1_204,
    maybeRepeats: 2,
    refusedTexts: 1,
    chats: {},
    wallets: 0,
    positions: [],
    blind: 0,
    lastCycle: null,
    endpoints: [],
    outbox: { waiting: 0, oldestCreatedAtMs: null },
    memoryMb: 99,
    uptimeMs: 60_000,
    nowMs: NOW_MS,
    ...over,
  })
  expectSendable(shown)
  return shown.body.text.split('\n')
}

describe('/stats', () => {
  it('tells people, looks, alerts and how long alerts took', () => {
    expect(stats()).toEqual([
      'Buoy',
      'People: 1,234 in private chats',
      'Chats: none · wallets: 0',
      'Positions: none read yet',
      'No cycle finished yet',
      'Looks: 17 in the last minute, 0.31 s on average',
      'Alerts since the start: 1,204 sent, 2 maybe repeats, 1 texts refused',
      'Block to Telegram: 0.90 s (p50), 12.10 s (p99)',
      'Outbox: 0 waiting',
      'Memory 99 MB · up 60 s',
    ])
  })

  it('claims no time that was not measured', () => {
    const text = stats({ looksPerMinute: 0, meanLookMs: null, alertLatencyMs: { p50: null, p99: null } })
    expect(text).toContain('Looks: 0 in the last minute')
    expect(text.join('\n')).not.toMatch(/average|Block to Telegram/)
  })
})
