import { describe, expect, it } from 'vitest'
import { protocolsView, type StatusFacts, statusView } from '../../../src/views/status.ts'
import { expectSendable, formatted, NOW_MS } from './kit.ts'

function status(over: Partial<StatusFacts> = {}): string[] {
  const shown = statusView({
    stopped: false,
    wallets: 2,
    levels: { safe: 3, warning: 1 },
    blind: 0,
    oldestSeenMs: NOW_MS - 12_000,
    waitingAlerts: 0,
    secondChat: null,
    lastCycleMs: NOW_MS - 4_000,
    cycleSeconds: 15,
    nowMs: NOW_MS,
    ...over,
  })
  expectSendable(shown)
  return shown.body.text.split('\n')
}

describe('/status', () => {
  it('says in four lines that everything is all right', () => {
    expect(status()).toEqual([
      '🔔 Alerts are on.',
      '2 wallets, loans: 🟢 3 safe, 🟠 1 warning.',
      'Every loan here was seen within the last 12 s.',
      'I read everything every 15 s; the last round ended 4 s ago.',
    ])
  })

  it.each([
    ['stopped', /second chat has switched its alerts off/],
    ['unreachable', /second chat cannot be reached/],
    ['barred', /second chat may not use this bot/],
  ] as const)(
    'warns of a second chat that is %s, and says nothing of one that is well',
    (secondChat, line) => {
      expect(status({ secondChat })).toContainEqual(expect.stringMatching(line))
      expect(status({ secondChat: 'active' })).toEqual(status({ secondChat: null }))
    },
  )

  it('says what is not all right, each in a line of its own', () => {
    const levels = { safe: 0, liquidatable: 1, critical: 2 }
    expect(
      status({
        stopped: true,
        wallets: 1,
        levels,
        blind: 1,
        waitingAlerts: 2,
        oldestSeenMs: NOW_MS - 600_000,
      }),
    ).toEqual([
      '⏸ Alerts are off in this chat. /resume turns them on.',
      '1 wallet, loans: 🔴 2 critical, 🆘 1 liquidatable.',
      '⚫ 1 loan I cannot see at the moment.',
      'Every loan here was seen within the last 10 min.',
      '⏳ 2 alerts on the way to you.',
      'I read everything every 15 s; the last round ended 4 s ago.',
    ])
  })

  it('says what to do in an empty chat, and that the first round is not over', () => {
    expect(status({ wallets: 0, levels: {}, oldestSeenMs: null, lastCycleMs: null })).toEqual([
      '🔔 Alerts are on.',
      'No wallet is watched here yet. Send me an address.',
      'I have just started and am reading everything for the first time.',
    ])
  })

  it('says that a wallet has no loan, and counts in the right number', () => {
    expect(status({ wallets: 1, levels: {}, oldestSeenMs: null })[1]).toBe('1 wallet, no loan so far.')
    expect(status({ blind: 2 })[2]).toBe('⚫ 2 loans I cannot see at the moment.')
    expect(status({ waitingAlerts: 1 })[3]).toBe('⏳ 1 alert on the way to you.')
  })
})

describe('/protocols', () => {
  it('names every protocol, with a link where it is watched and the loans of this chat', () => {
    const shown = protocolsView([
      { id: 'neverland', appUrl: 'https://app.neverland.money', loans: 0 },
      { id: 'morpho', appUrl: 'https://app.morpho.org/monad', loans: 1 },
      { id: 'euler', appUrl: 'https://app.euler.finance', loans: 2 },
      { id: 'curvance', appUrl: null, loans: 0 },
    ])
    expectSendable(shown)
    expect(shown.body.text.split('\n')).toEqual([
      'Protocols on Monad',
      '▪️ Neverland: watched',
      '▪️ Morpho: 1 loan of yours',
      '▪️ Euler: 2 loans of yours',
      '▫️ Curvance: not watched by this bot',
      '',
      'One address is looked at on all of them.',
    ])
    expect(formatted(shown)).toEqual([
      'bold: Protocols on Monad',
      'text_link: Neverland',
      'text_link: Morpho',
      'text_link: Euler',
    ])
  })
})
