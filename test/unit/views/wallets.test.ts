import { describe, expect, it } from 'vitest'
import { PROTOCOL_IDS } from '../../../src/domain/position.ts'
import { addedView, checkView, type ListedWallet, listView, lookView } from '../../../src/views/wallets.ts'
import { wad } from '../domain/alerting/series.ts'
import {
  aPosition,
  aRef,
  aWallet,
  expectSendable,
  formatted,
  OWNER,
  reading,
  unknown,
  verified,
} from './kit.ts'

const added = (over: Partial<Parameters<typeof addedView>[0]> = {}): string =>
  addedView({
    wallet: aWallet(),
    isNew: true,
    topicChanged: false,
    changes: [],
    proposed: [],
    sweepMinutes: 5,
    stopped: false,
    ...over,
  }).body.text

function listed(over: Partial<ListedWallet> = {}): ListedWallet {
  const position = { name: 'Morpho WMON/USDC', warningWad: wad('1.5'), source: 'chat' as const }
  return { watchId: 1, owner: OWNER, label: 'Main', positions: [position], ...over }
}

/** A wallet with that many loans, as a person with many markets has. */
function loans(count: number): ReturnType<typeof aPosition>[] {
  return Array.from({ length: count }, (_, index) =>
    aPosition({ ref: aRef({ marketName: `MARKET ${index}/USDC`, key: `market ${index}` }) }),
  )
}

describe('the answer to /add', () => {
  it('says what is watched and shows it at once', () => {
    expect(added().split('\n').slice(0, 4)).toEqual([
      '✅ Watching Main.',
      '',
      `Main ${OWNER}`,
      '🟢 Morpho WMON/USDC · health 1.60 · 37.5 % to liquidation',
    ])
  })

  it('says when nothing was changed', () => {
    const text = added({ isNew: false })
    expect(text).toContain('I was already watching Main.')
    expect(text).toContain('Nothing was changed.')
    expect(added()).not.toContain('Nothing was changed.')
  })

  it('says each threshold it changed, with the one before', () => {
    expect(added({ changes: [{ what: 'It', from: null, to: wad('1.4') }] })).toContain('It rings at 1.40.')
    expect(added({ changes: [{ what: 'Morpho', from: wad('1.3'), to: wad('1.4') }] })).toContain(
      'Morpho rings at 1.40 now; it was 1.30.',
    )
    expect(added({ changes: [{ what: 'It', from: wad('1.4'), to: wad('1.4') }] })).not.toContain('it was')
  })

  it('says what it proposes for a loan, and why', () => {
    const proposal = (health: string, warningWad: bigint): string =>
      added({ proposed: [{ position: aPosition({ reading: reading(health) }), warningWad }] })
    expect(proposal('1.1', wad('1.06'))).toContain(
      'Morpho WMON/USDC rings at 1.06: my proposal for a loan that starts at 1.10. /add with a number sets your own.',
    )
    expect(proposal('0.9', wad('1.05'))).toContain('rings at 1.05, because it can be liquidated already.')
  })

  it('says when it looks again at a wallet without loans', () => {
    expect(added({ wallet: aWallet({ positions: [] }) })).toContain('I look again every 5 min')
    expect(added()).not.toContain('I look again')
  })

  it('says so when alerts are off in this chat', () => {
    expect(added({ stopped: true })).toContain('⏸ Alerts are off in this chat.')
    expect(added()).not.toContain('⏸')
  })

  it('is sendable for a wallet with very many loans', () => {
    const positions = loans(120)
    const proposed = positions.map((position) => ({ position, warningWad: wad('1.06') }))
    const wallet = aWallet({ positions })
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
    expect(added({ wallet, proposed })).toMatch(/… and \d+ more: \/list shows them\./)
  })
})

describe('/list', () => {
  it('numbers the wallets and says when and why each loan rings', () => {
    const sources = (['position', 'protocol', 'wallet', 'proposed', 'chat'] as const).map((source) => ({
      name: `Morpho ${source}`,
      warningWad: wad('1.5'),
      source,
    }))
    const wallets = [listed(), listed({ label: null, positions: sources }), listed({ positions: [] })]
    expect(listView({ wallets, stopped: false, page: 0 }).body.text).toBe(
      [
        `1. Main ${OWNER}`,
        '   Morpho WMON/USDC · rings at 1.50 (the default here)',
        `2. 0x1234…5678 ${OWNER}`,
        '   Morpho position · rings at 1.50 (set for this loan)',
        '   Morpho protocol · rings at 1.50 (set for this protocol)',
        '   Morpho wallet · rings at 1.50 (set for this wallet)',
        '   Morpho proposed · rings at 1.50 (proposed from its health)',
        '   Morpho chat · rings at 1.50 (the default here)',
        `3. Main ${OWNER}`,
        '   no loan found so far',
      ].join('\n'),
    )
  })

  it('says first of all that alerts are off, when they are', () => {
    expect(listView({ wallets: [listed()], stopped: true, page: 0 }).body.text).toMatch(/^⏸ Alerts are off/)
  })

  it('tells an empty chat what to do', () => {
    const view = listView({ wallets: [], stopped: false, page: 0 })
    expect(view.body.text).toContain('No wallet is watched in this chat yet.')
    expect(formatted(view)).toEqual(['code: /add 0x… 1.4 Main'])
  })

  it('goes on in pages', () => {
    const wallets = Array.from({ length: 200 }, () => listed())
    const first = listView({ wallets, stopped: true, page: 0 })
    expectSendable(first)
    const shown = first.body.text.match(/^\d+\. /gm)?.length ?? 0
    expect(shown).toBeGreaterThan(20)
    expect(first.buttons[0]?.at(-1)).toMatchObject({ text: '2 ›', data: 'list:1' })
    const second = listView({ wallets, stopped: false, page: 1 })
    expect(second.body.text).toMatch(new RegExp(`^${shown + 1}\\. `))
  })
})

describe('/check', () => {
  it('separates wallets by a blank line and offers to look again', () => {
    const view = checkView([aWallet(), aWallet({ label: 'Second' })], { filter: 'Main', page: 0 })
    expect(view.body.text.split('\n\n')).toHaveLength(2)
    expect(view.buttons).toEqual([
      [
        { text: 'Refresh', data: 'page:0:Main' },
        { text: 'My wallets', data: 'list' },
      ],
    ])
  })

  it('leaves a filter out of the button that Telegram would not carry', () => {
    const data = (filter: string) => checkView([aWallet()], { filter, page: 0 }).buttons[0]?.[0]
    expect(data('')).toMatchObject({ data: 'page:0:' })
    expect(data('x'.repeat(57))).toMatchObject({ data: `page:0:${'x'.repeat(57)}` })
    expect(data('x'.repeat(58))).toMatchObject({ data: 'page:0:' })
    expect(data('é'.repeat(29))).toMatchObject({ data: 'page:0:' })
  })

  it('shows many wallets page by page, each wallet once', () => {
    const wallets = Array.from({ length: 100 }, (_, index) => aWallet({ label: `W${index}` }))
    const seenLabels = new Set<string>()
    let page = 0
    for (let more = true; more; page += 1) {
      const view = checkView(wallets, { filter: '', page })
      expectSendable(view)
      for (const [, label = ''] of view.body.text.matchAll(/^(W\d+) 0x/gm)) {
        expect(seenLabels.has(label)).toBe(false)
        seenLabels.add(label)
      }
      more = view.buttons[0]?.some(({ text }) => text.endsWith('›')) ?? false
    }
    expect(seenLabels.size).toBe(100)
    expect(page).toBeGreaterThan(2)
  })

  it('shows the last page when it is asked for one that there is no more', () => {
    const view = checkView([aWallet()], { filter: '', page: 7 })
    expect(view.body.text).toContain('Main')
  })

  it('puts the wallet with the worst loan first', () => {
    const bad = aWallet({ label: 'Bad', positions: [aPosition({ reading: reading('0.9') })] })
    const text = checkView([aWallet({ label: 'Good' }), bad], { filter: '', page: 0 }).body.text
    expect(text.indexOf('Bad')).toBeLessThan(text.indexOf('Good'))
  })

  it('never hides what it cannot see behind wallets that are fine', () => {
    const dark = aWallet({
      label: 'Dark',
      positions: [aPosition({ reading: unknown(), last: verified('1.2') })],
    })
    const view = checkView([...Array.from({ length: 60 }, () => aWallet()), dark], { filter: '', page: 0 })
    expectSendable(view)
    expect(view.body.text).toContain('I cannot see it')
  })

  it('shows the worst loans of a wallet that has more than fit into one message', () => {
    const positions = [...loans(120), aPosition({ reading: unknown('oracle is silent') })]
    const view = checkView([aWallet({ positions })], { filter: '', page: 0 })
    expectSendable(view)
    expect(view.body.text).toContain('I cannot see it: oracle is silent')
  })
})

describe('a look at a pasted address', () => {
  it('offers to watch it, or leads to what is watched already', () => {
    expect(lookView(aWallet(), false).buttons).toEqual([
      [
        { text: 'Watch', data: `add:${OWNER}` },
        { text: 'Help', data: 'help' },
      ],
    ])
    expect(lookView(aWallet(), true).buttons).toEqual([[{ text: 'My wallets', data: 'list' }]])
  })

  it('is sendable for a wallet with very many loans', () => {
    expectSendable(lookView(aWallet({ positions: loans(120) }), false))
  })

  it('is sendable for a wallet with loans on every protocol', () => {
    const positions = PROTOCOL_IDS.map((protocol) => aPosition({ ref: aRef({ protocol }) }))
    expectSendable(lookView(aWallet({ positions }), false))
  })
})
