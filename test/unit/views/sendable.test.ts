import { FormattedString } from '@grammyjs/parse-mode'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROTOCOL_IDS } from '../../../src/domain/position.ts'
import { alertView, plainAlertView } from '../../../src/views/alert.ts'
import { keyboard } from '../../../src/views/keyboard.ts'
import { type Stats, statsView } from '../../../src/views/stats.ts'
import { usageView } from '../../../src/views/usage.ts'
import { lines, paged, type View, view } from '../../../src/views/view.ts'
import { addedView, checkView, listView, lookView } from '../../../src/views/wallets.ts'
import { helpView, startView } from '../../../src/views/welcome.ts'
import { wad } from '../domain/alerting/series.ts'
import {
  ALERTS,
  aPosition,
  aRef,
  aWallet,
  expectSendable,
  facts,
  formatted,
  HOSTILE_NAMES,
  NOW_MS,
  OWNER,
  reading,
  seen,
  unknown,
  verified,
} from './kit.ts'

const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE_NAMES),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(fc.constantFrom(...HOSTILE_NAMES), { minLength: 2, maxLength: 3 }).map((names) => names.join('')),
)

function forHostileNames(
  check: (names: { label: string; marketName: string; detail: string }) => void,
): void {
  fc.assert(fc.property(fc.record({ label: hostile, marketName: hostile, detail: hostile }), check), {
    numRuns: 60,
  })
}

function hostileWallet({ label, marketName, detail }: { label: string; marketName: string; detail: string }) {
  const ref = aRef({ marketName })
  const positions = [
    aPosition({ ref }),
    aPosition({ ref, reading: reading('0.9') }),
    aPosition({ ref, reading: reading('nodebt') }),
    aPosition({ ref, reading: unknown(detail), last: verified('1.2') }),
  ]
  return aWallet({ label, positions, protocols: [seen('morpho', detail), seen('euler', detail)] })
}

describe('whatever strangers call their markets and people their wallets', () => {
  it('every alert is sendable, in both forms, and stays short enough to read', () => {
    forHostileNames(({ label, marketName, detail }) => {
      for (const alert of ALERTS) {
        const transition = { ...alert, unseen: alert.unseen && { ...alert.unseen, detail } }
        const hostileFacts = facts({ ref: aRef({ marketName }), label, transition, maybeRepeat: true })
        expectSendable(alertView(hostileFacts))
        expectSendable(plainAlertView(hostileFacts))
      }
    })
  })

  it('no alert gets a line, a format or a headline that its name smuggled in', () => {
    forHostileNames(({ label, marketName }) => {
      const ordinary = alertView(facts())
      const attacked = alertView(facts({ ref: aRef({ marketName }), label }))
      expect(attacked.body.text.split('\n').slice(1)).toEqual(ordinary.body.text.split('\n').slice(1))
      expect(attacked.body.entities.map(({ type }) => type)).toEqual(['bold'])
      expect(attacked.body.text.split('\n')[0]).toMatch(
        /^🔴 .+ · Morpho.* · health 1\.08 · 7\.4 % to liquidation$/,
      )
    })
  })

  it('every answer about wallets is sendable', () => {
    forHostileNames((names) => {
      const wallet = hostileWallet(names)
      expectSendable(checkView([wallet, wallet], { filter: names.label, page: 0 }))
      expectSendable(lookView(wallet, false))
      const proposed = wallet.positions.map((position) => ({ position, warningWad: wad('1.2') }))
      expectSendable(
        addedView({
          wallet,
          isNew: true,
          topicChanged: false,
          changes: [],
          proposed,
          sweepMinutes: 5,
          stopped: false,
        }),
      )
      expectSendable(usageView('I read something else.', '/check Main'))
    })
  })

  it('many hostile wallets still make one message', () => {
    const wallets = HOSTILE_NAMES.flatMap((name) => [
      hostileWallet({ label: name, marketName: name, detail: name }),
      hostileWallet({ label: name, marketName: name, detail: name }),
    ])
    expectSendable(checkView(wallets, { filter: '', page: 0 }))
    const positions = [{ name: 'Morpho x', warningWad: wad('1.5'), source: 'chat' as const }]
    const listed = HOSTILE_NAMES.flatMap((label) =>
      Array.from({ length: 10 }, (_, watchId) => ({ watchId, owner: OWNER, label, positions })),
    )
    expectSendable(listView({ wallets: listed, stopped: true, page: 0 }))
  })

  it('reasons that carry hostile names still make one message, on every protocol at once', () => {
    for (const name of HOSTILE_NAMES) {
      const { positions } = hostileWallet({ label: name, marketName: name, detail: name })
      const protocols = PROTOCOL_IDS.map((protocol) =>
        seen(protocol, `${name}: oracle is silent ${name.repeat(9)}`),
      )
      const wallet = aWallet({ label: name, positions, protocols })
      expectSendable(checkView([wallet, wallet], { filter: '', page: 0 }))
      expectSendable(lookView(wallet, false))
      expectSendable(
        addedView({
          wallet,
          isNew: true,
          topicChanged: false,
          changes: [],
          proposed: [],
          sweepMinutes: 5,
          stopped: false,
        }),
      )
    }
  })

  it('formats the label and the address of a wallet and nothing else', () => {
    expect(formatted(lookView(aWallet({ label: '😀 <b>Main</b>' }), true))).toEqual([
      'bold: 😀 <b>Main</b>',
      `code: ${OWNER}`,
    ])
  })
})

const STATS: Stats = {
  people: 12_000,
  looksPerMinute: 17,
  meanLookMs: 312,
  alertLatencyMs: { p50: 900, p99: 2_100 },
  alertsSent: 1_204,
  maybeRepeats: 1,
  refusedTexts: 0,
  chats: { active: 12_345, stopped: 3 },
  wallets: 20_000,
  positions: [
    { protocol: 'neverland', level: 'safe', count: 19_000 },
    { protocol: 'neverland', level: 'critical', count: 4 },
  ],
  blind: 2,
  lastCycle: { atMs: NOW_MS - 4_000, positions: 19_004, unknown: 1, durationMs: 15_012, workMs: 2_345 },
  endpoints: Array.from({ length: 6 }, (_, index) => ({
    name: `rpc${index}.example`,
    state: 'ready',
    calls: 1_234_567,
    callsPerMinute: 240,
    errors: 3,
    queued: 0,
    lastError: index === 0 ? 'HTTP 502' : null,
  })),
  outbox: { waiting: 3, oldestCreatedAtMs: NOW_MS - 61_000 },
  memoryMb: 151,
  uptimeMs: 90_000_000,
  nowMs: NOW_MS,
}

describe('the views without names', () => {
  const views: readonly (readonly [string, View])[] = [
    ['/start', startView(['neverland'], false)],
    ['/help', helpView(['neverland', 'morpho'])],
    ['usage', usageView('I need a wallet address: 0x and 40 digits.', '/add 0x… 1.4 Main')],
    ['/stats', statsView(STATS)],
    [
      '/stats at the start',
      statsView({
        ...STATS,
        chats: {},
        positions: [],
        blind: 0,
        lastCycle: null,
        outbox: { waiting: 0, oldestCreatedAtMs: null },
      }),
    ],
    ['/list of an empty chat', listView({ wallets: [], stopped: false, page: 0 })],
  ]

  it.each(views)('are sendable: %s', (_, shown) => {
    expectSendable(shown)
  })

  it('/start says in three lines what it is and what it watches', () => {
    const text = startView([...PROTOCOL_IDS], false).body.text
    expect(text.split('\n')).toHaveLength(3)
    expect(text).toContain('Neverland, Morpho, Curvance, Euler')
  })

  it('/help names every command', () => {
    for (const command of [
      '/add',
      '/check',
      '/position',
      '/rescue',
      '/list',
      '/remove',
      '/stop',
      '/resume',
    ]) {
      expect(formatted(helpView(['neverland']))).toContain(`bold: ${command}`)
    }
  })

  it('/stats shows figures and no address', () => {
    const text = statsView(STATS).body.text
    expect(text).toContain('Chats: 12345 active, 3 stopped · wallets: 20,000')
    expect(text).toContain('Last cycle 4 s ago: 19,004 positions, 1 unread, 2.35 s of work in 15.0 s')
    expect(text).toContain('Outbox: 3 waiting, oldest 61 s')
    expect(text).toContain(
      'RPC rpc0.example: ready, 1,234,567 calls (240 in the last minute), 3 errors, 0 queued (last: HTTP 502)',
    )
    expect(text).not.toMatch(/0x/)
  })
})

describe('building a message', () => {
  it('keeps blank lines and leaves out what is null', () => {
    expect(lines(['a', null, '', new FormattedString('b')]).text).toBe('a\n\nb')
  })

  it('moves formatting along with the text before it', () => {
    const body = lines(['😀', FormattedString.b('bold'), 'x', FormattedString.code('code')])
    expect(formatted(view(body))).toEqual(['bold: bold', 'code: code'])
  })

  it('spreads blocks over pages that each fit, in order, losing none', () => {
    const blocks = Array.from(
      { length: 100 },
      (_, index) => new FormattedString(`${index} `.padEnd(100, 'x')),
    )
    const pages = paged(blocks, 200)
    expect(pages.flat()).toEqual(blocks)
    for (const page of pages) expect(page.length * 102 + 200).toBeLessThanOrEqual(4096)
    expect(paged([], 200)).toEqual([])
    expect(paged([new FormattedString('y'.repeat(9_000))], 0)).toHaveLength(1)
  })

  it('gives buttons in the shape of Telegram, and none where there are none', () => {
    const body = new FormattedString('x')
    expect(keyboard(view(body))).toEqual({})
    const buttons = [[{ text: 'A', data: 'a' }], [{ text: 'B', url: 'https://b.example' }]]
    expect(keyboard(view(body, buttons))).toEqual({
      reply_markup: {
        inline_keyboard: [[{ text: 'A', callback_data: 'a' }], [{ text: 'B', url: 'https://b.example' }]],
      },
    })
  })
})
