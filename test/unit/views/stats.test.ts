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

  it('tells of opportunities only where they are looked for, and names no person and no wallet', () => {
    const pools = {
      ageMs: 125_000,
      opportunities: 5_432,
      suspect: [{ source: 'meteora', reason: 'half of the pools are gone' }],
      paused: true,
      chats: 12,
      tokens: 40,
      told: 3,
      points: 98_765,
      wallets: 4,
      positions: 9,
    }
    expect(stats({ pools }).filter((line) => !stats().includes(line))).toEqual([
      'Opportunities: 5,432, 2 min old · alerts paused for everybody',
      '   12 chats with alerts, 40 tokens, 98,765 rows of history, 4 Solana wallets with 9 positions',
      '   ⚠️ meteora: half of the pools are gone',
    ])
    expect(stats({ pools: { ...pools, ageMs: null, paused: false } })).toContain(
      'Opportunities: not read yet',
    )
  })

  it('claims no time that was not measured', () => {
    const text = stats({ looksPerMinute: 0, meanLookMs: null, alertLatencyMs: { p50: null, p99: null } })
    expect(text).toContain('Looks: 0 in the last minute')
    expect(text.join('\n')).not.toMatch(/average|Block to Telegram/)
  })

  it('tells how each endpoint and each API answers, in the same words', () => {
    const upstream = {
      name: 'api.example',
      state: 'resting',
      calls: 1_200,
      callsPerMinute: 4,
      errors: 3,
      queued: 1,
      lastError: 'no answer within 10 s',
    }
    const text = stats({ endpoints: [{ ...upstream, lastError: null }], apis: [upstream] })
    const line = 'api.example: resting, 1,200 calls (4 in the last minute), 3 errors, 1 queued'
    expect(text.slice(-3, -1)).toEqual([`RPC ${line}`, `API ${line} (last: no answer within 10 s)`])
  })

  it('tells what the cache saved, and no rate before anybody asked it', () => {
    const cache = { entries: 1_024, hits: 2, misses: 1, savedCalls: 12_345 }
    expect(stats({ cache })).toContain('Cache: 66 % hits, 12,345 calls saved, 1,024 entries')
    expect(stats({ cache: { entries: 3, hits: 0, misses: 0, savedCalls: 0 } })).toContain(
      'Cache: not used yet, 0 calls saved, 3 entries',
    )
  })

  it('tells how far behind the events of each protocol are, and what holds them up', () => {
    const text = stats({
      events: [
        { protocol: 'neverland', blocksBehind: 3, trouble: null },
        { protocol: 'morpho', blocksBehind: 1_300, trouble: 'rpc.example: range too wide' },
        { protocol: 'euler', blocksBehind: null, trouble: null },
      ],
    })
    expect(text.slice(-4, -1)).toEqual([
      'Events neverland: 3 blocks behind',
      'Events morpho: 1,300 blocks behind (held: rpc.example: range too wide)',
      'Events euler: not followed yet',
    ])
  })
})
