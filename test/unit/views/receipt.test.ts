import { describe, expect, it } from 'vitest'
import type { ReceiptChange, ReceiptNews } from '../../../src/domain/alerting/receipt.ts'
import type { PositionRef } from '../../../src/domain/position.ts'
import { receiptView } from '../../../src/views/receipt.ts'

const FROM = Date.UTC(2026, 0, 2, 2, 10)
const TO = Date.UTC(2026, 0, 2, 14, 5)
const E15 = 10n ** 15n

const ref: PositionRef = {
  protocol: 'neverland',
  key: 'neverland:0xmarket:0x00000000000000000000000000000000000000a1',
  owner: '0x00000000000000000000000000000000000000a1',
  market: '0xmarket',
  marketName: 'Main',
}

function text(news: Partial<ReceiptNews> = {}, nowMs = TO): string {
  return receiptView({ fromMs: FROM, toMs: TO, changes: [], same: 0, beyond: 0, ...news, nowMs }).body.text
}

function change(what: ReceiptChange['change'], label: string | null = 'Main wallet'): ReceiptChange {
  return { ref, label, beforeWad: 1_600n * E15, change: what }
}

describe('the summary of an outage', () => {
  it('says in its first line from when to when', () => {
    expect(text({ same: 1 })).toBe(
      '🔌 I was down from 02:10 to 14:05 UTC (11 h 55 min).\nYour loan is as before.',
    )
  })

  it('names the days when it was longer than one', () => {
    const [first] = text({ fromMs: FROM - 2 * 86_400_000, same: 3 }).split('\n')
    expect(first).toBe('🔌 I was down from 2025-12-31 02:10 to 14:05 UTC (2 d 11 h).')
  })

  it('tells each change in one line, and the rest in one', () => {
    const said = text({
      changes: [
        change({ kind: 'health', healthWad: 1_360n * E15, from: 'safe', to: 'warning' }),
        change({ kind: 'unseen' }, null),
        change({ kind: 'closed' }),
        change({ kind: 'no-debt' }),
      ],
      same: 2,
      beyond: 12,
    })
    expect(said.split('\n').slice(1)).toEqual([
      'Nobody watched your loans in that time. Since then:',
      '🟠 Main wallet · Neverland Main · health 1.36, was 1.60',
      '❔ 0x0000…00a1 · Neverland Main · not seen again so far, was 1.60',
      '⚫ Main wallet · Neverland Main · the chain no longer has this loan, was 1.60',
      '⚪ Main wallet · Neverland Main · no debt any more, was 1.60',
      'Your 2 other loans are as before. I did not compare 12 more of your loans; /check shows them.',
    ])
  })

  it('stays short and harmless however many changes and whatever names there are', () => {
    const evil = { ...ref, marketName: `<b>${'x'.repeat(300)}\n\u202e` }
    const one = { ...change({ kind: 'closed' }), ref: evil }
    const said = text({ changes: Array.from({ length: 50 }, () => one) })
    expect(said.length).toBeLessThan(4_000)
    expect(said).toContain('… and 30 more that changed.')
    expect(said).not.toContain('\u202e')
    expect(said.split('\n')).toHaveLength(23)
  })
})
