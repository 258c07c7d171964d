import { expect } from 'vitest'
import type { Verified } from '../../../src/domain/alerting/state.ts'
import type { Liquidation, Transition } from '../../../src/domain/alerting/transition.ts'
import type { OkReading, PositionRef, ProtocolId, UnknownReading } from '../../../src/domain/position.ts'
import { linesFor } from '../../../src/domain/thresholds.ts'
import { WAD } from '../../../src/domain/units.ts'
import type { AlertFacts } from '../../../src/views/alert-facts.ts'
import type { CheckedPosition, CheckedWallet } from '../../../src/views/check.ts'
import type { View } from '../../../src/views/view.ts'
import { wad } from '../domain/alerting/series.ts'

export const NOW_MS = Date.UTC(2026, 0, 15, 14, 2, 30)
export const OWNER = '0x1234567890abcdef1234567890abcdef12345678'
const LINES = linesFor(wad('1.5'))

/** Names that strangers chose: what they try to do to a message. */
export const HOSTILE_NAMES: readonly string[] = [
  '<b>',
  '<a href="https://evil.example">Neverland</a>',
  '*bold* _it_ `code` [x](tg://user?id=1) ||hidden||',
  'abc\u202egnp.exe',
  '\u2066\u2067\u2068\u2069\u200e\u200f\u061c',
  'two\nlines\r\nthree\u2028four\u2029five',
  'zero\u200bwidth\u200c\u200d\ufeff',
  'x'.repeat(300),
  '😀'.repeat(300),
  '👨‍👩‍👧‍👦'.repeat(100),
  '🇲🇳'.repeat(100),
  `a${'\u0301'.repeat(300)}`,
  'Z̸̡̢̛̗̘̙̜̝͍͎a̸̡̢̛l̸g̸o̸'.repeat(20),
  '\u0000\u0007\u001b[31m\u007f\u0085',
  '\u{e0041}\u{e0042}\u{f0000}\u{10ffff}\ufdd0',
  // One character each, as a person counts them, of three thousand signs.
  'ᄀ'.repeat(3000),
  `A${'🏽'.repeat(3000)}`,
  '',
  ' ',
  '\u200b',
  '\u00a0\u3000\t',
  'Morpho',
  '/stop',
  '@everyone https://evil.example',
]

export function aRef(over: Partial<PositionRef> = {}): PositionRef {
  return {
    protocol: 'morpho',
    key: `morpho:0xabc:${OWNER}`,
    owner: OWNER,
    market: '0xabc',
    marketName: 'WMON/USDC',
    ...over,
  }
}

/** A reading with this health (or `nodebt`), at the present block. */
export function reading(health: string, over: Partial<OkReading> = {}): OkReading {
  const noDebt = health === 'nodebt'
  const healthWad = noDebt ? 0n : wad(health)
  return {
    kind: 'ok',
    health: noDebt ? { noDebt } : { noDebt, healthWad, liquidatable: healthWad < WAD },
    collateral: { amount: 1_234_500n, decimals: 2 },
    debt: { amount: noDebt ? 0n : 1_000_000n, decimals: 2 },
    unit: 'USD',
    block: { number: 12_345_678, timestamp: NOW_MS / 1000, hash: '0x1', parentHash: '0x0' },
    endpoint: 'rpc.example',
    ...over,
  }
}

export function verified(health: string, over: Partial<Verified> = {}): Verified {
  const { health: factor, collateral, debt, unit, block, endpoint } = reading(health)
  const source = { block: block.number, blockTimestamp: block.timestamp, endpoint, atMs: NOW_MS }
  return { health: factor, collateral, debt, unit, ...source, ...over }
}

export function unknown(detail = 'rpc.example: no answer'): UnknownReading {
  return { kind: 'unknown', reason: 'rpc', detail }
}

const BEFORE = verified('1.62', { atMs: NOW_MS - 15_000, block: 12_345_640 })

export function aTransition(over: Partial<Transition> = {}): Transition {
  return {
    kind: 'critical',
    episode: 1,
    seq: 1,
    from: 'safe',
    to: 'critical',
    newLow: false,
    repeat: false,
    badDebt: false,
    dust: false,
    lines: LINES,
    before: BEFORE,
    rangAtWad: null,
    reading: verified('1.08'),
    unseen: null,
    movedTo: null,
    liquidation: null,
    holdUntilMs: null,
    ...over,
  }
}

export const LIQUIDATION: Liquidation = {
  block: 12_345_600,
  logIndex: 3,
  repaid: { symbol: 'USDC', amount: { amount: 1_000_000_000n, decimals: 6 } },
  seized: { symbol: 'WMON', amount: { amount: 12_300n * 10n ** 15n, decimals: 18 } },
}

/** Every kind of alert, as `decide` makes them. */
export const ALERTS: readonly Transition[] = [
  aTransition({ kind: 'warning', to: 'warning', reading: verified('1.4') }),
  aTransition(),
  aTransition({ kind: 'liquidatable', to: 'liquidatable', reading: verified('0.97') }),
  aTransition({ from: 'critical', newLow: true, reading: verified('1.05'), rangAtWad: wad('1.08') }),
  aTransition({
    kind: 'recovered',
    from: 'critical',
    to: 'safe',
    reading: verified('1.7'),
    rangAtWad: wad('1.08'),
  }),
  aTransition({
    kind: 'recovered',
    from: 'critical',
    to: 'warning',
    reading: verified('1.3'),
    rangAtWad: wad('1.08'),
  }),
  aTransition({
    kind: 'recovered',
    from: 'warning',
    to: 'safe',
    reading: verified('nodebt'),
    rangAtWad: wad('1.4'),
  }),
  aTransition({
    kind: 'blind',
    from: 'safe',
    to: 'safe',
    reading: null,
    unseen: { sinceMs: NOW_MS - 600_000, reason: 'rpc', detail: 'rpc.example: HTTP 502' },
  }),
  aTransition({
    kind: 'blind',
    from: 'safe',
    to: 'safe',
    reading: null,
    before: null,
    unseen: { sinceMs: NOW_MS - 600_000, reason: 'rpc', detail: 'rpc.example: HTTP 502' },
  }),
  aTransition({
    kind: 'sighted',
    from: 'safe',
    to: 'safe',
    reading: verified('1.6'),
    unseen: { sinceMs: NOW_MS - 900_000, reason: 'rpc', detail: 'rpc.example: HTTP 502' },
  }),
  aTransition({ kind: 'closed', from: 'warning', to: 'safe', reading: null, before: verified('1.4') }),
  aTransition({ kind: 'moved', from: 'warning', to: 'safe', reading: null, movedTo: 'WBTC/USDC' }),
  aTransition({ repeat: true, from: 'critical' }),
  aTransition({ badDebt: true, kind: 'liquidatable', to: 'liquidatable', reading: verified('0.4') }),
  aTransition({ kind: 'recovered', from: 'critical', to: 'safe', dust: true, reading: verified('1.01') }),
  aTransition({
    kind: 'blind',
    from: 'critical',
    to: 'critical',
    reading: null,
    unseen: { sinceMs: NOW_MS - 600_000, reason: 'oracle', detail: 'the oracle of WMON answers 0' },
  }),
  aTransition({ kind: 'escalation', from: 'critical', reading: null, before: verified('1.04') }),
  aTransition({
    kind: 'liquidated',
    from: 'liquidatable',
    to: 'liquidatable',
    reading: null,
    liquidation: LIQUIDATION,
  }),
  aTransition({
    kind: 'liquidated',
    from: 'liquidatable',
    to: 'liquidatable',
    reading: null,
    liquidation: { ...LIQUIDATION, repaid: null, seized: { symbol: null, amount: null } },
  }),
]

export function facts(over: Partial<AlertFacts> = {}): AlertFacts {
  return {
    rowId: 17,
    ref: aRef(),
    label: 'Main',
    transition: aTransition(),
    createdAtMs: NOW_MS - 1_000,
    readyAtMs: NOW_MS - 1_000,
    confirm: 'none',
    second: null,
    told: [],
    overtaken: false,
    present: null,
    nowMs: NOW_MS,
    deliveryId: '7F3A2C',
    maybeRepeat: false,
    appUrl: 'https://app.morpho.org/monad',
    ...over,
  }
}

export function aPosition(over: Partial<CheckedPosition> = {}): CheckedPosition {
  return { ref: aRef(), reading: reading('1.6'), lines: LINES, last: null, ...over }
}

export function aWallet(over: Partial<CheckedWallet> = {}): CheckedWallet {
  return {
    owner: OWNER,
    label: 'Main',
    positions: [aPosition()],
    protocols: [seen('morpho')],
    nowMs: NOW_MS,
    ...over,
  }
}

type SeenProtocol = CheckedWallet['protocols'][number]

/** A protocol that answered completely, or only in part for the reason given. */
export function seen(protocol: ProtocolId, incomplete: string | null = null): SeenProtocol {
  const { block, endpoint } = reading('nodebt')
  return { protocol, incomplete, seenAt: { block, endpoint } }
}

/** Telegram would take this message as it is. */
export function expectSendable({ body, buttons }: View): void {
  const { text, entities } = body
  expect(text.trim()).not.toBe('')
  expect(text.length).toBeLessThanOrEqual(4096)
  expect(text).not.toMatch(/[^\P{C}\n]/u)
  for (const { offset, length } of entities) {
    expect(offset).toBeGreaterThanOrEqual(0)
    expect(length).toBeGreaterThan(0)
    expect(offset + length).toBeLessThanOrEqual(text.length)
    for (const edge of [offset, offset + length]) {
      expect(text.slice(Math.max(0, edge - 1), edge + 1)).not.toMatch(/^[\ud800-\udbff][\udc00-\udfff]$/)
    }
  }
  for (const button of buttons.flat()) {
    expect(button.text.trim()).not.toBe('')
    if ('data' in button) expect(Buffer.byteLength(button.data)).toBeLessThanOrEqual(64)
    else expect(() => new URL(button.url)).not.toThrow()
  }
}

/** The parts of a message that are formatted, as `type: text`. */
export function formatted({ body }: View): string[] {
  return body.entities.map(
    ({ type, offset, length }) => `${type}: ${body.text.slice(offset, offset + length)}`,
  )
}
