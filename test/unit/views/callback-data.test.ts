import { describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../../src/domain/chat-settings.ts'
import { PRESET_RULES } from '../../../src/domain/pools/rules.ts'
import { PROTOCOL_IDS } from '../../../src/domain/position.ts'
import { alertView, plainAlertView } from '../../../src/views/alert.ts'
import { chartCaptionView, poolsView } from '../../../src/views/pools/list.ts'
import { lpFailedView, lpRemovedView, lpView, lpWalletsView } from '../../../src/views/pools/positions.ts'
import { rulePageView } from '../../../src/views/pools/rule-pages.ts'
import { RULE_PAGES, rulesView } from '../../../src/views/pools/rules.ts'
import { chooseTokenView, clearTokensView, quotesView, tokensView } from '../../../src/views/pools/tokens.ts'
import { positionView } from '../../../src/views/position.ts'
import { rescueView } from '../../../src/views/rescue.ts'
import { settingsPageView } from '../../../src/views/settings-pages.ts'
import { statsView } from '../../../src/views/stats.ts'
import { protocolsView, statusView } from '../../../src/views/status.ts'
import { chooseThresholdView, thresholdChangedView, thresholdsView } from '../../../src/views/threshold.ts'
import { usageView } from '../../../src/views/usage.ts'
import type { View } from '../../../src/views/view.ts'
import { addedView, checkView, listView, lookView } from '../../../src/views/wallets.ts'
import { helpView, startView } from '../../../src/views/welcome.ts'
import { wad } from '../domain/alerting/series.ts'
import { aPool, ranked } from '../domain/pools/kit.ts'
import { aDetail, aLoan, aWay } from './detail-kit.ts'
import { ALERTS, aPosition, aWallet, facts, HOSTILE_NAMES, NOW_MS, OWNER } from './kit.ts'

/** The largest id that the databases give out as a number. */
const BIG = Number.MAX_SAFE_INTEGER

const LOAN = { watchId: BIG, positionId: BIG, name: 'x', warningWad: wad('1.5'), source: 'chat' } as const

/** Enough wallets that a view needs pages. */
function many<T>(item: T): T[] {
  return Array.from({ length: 60 }, () => item)
}

const STATUS = statusView({
  stopped: false,
  wallets: 0,
  levels: {},
  blind: 0,
  oldestSeenMs: null,
  waitingAlerts: 0,
  secondChat: null,
  lastCycleMs: null,
  cycleSeconds: 15,
  nowMs: NOW_MS,
})
const STATS = statsView({
  people: 1,
  looksPerMinute: 0,
  meanLookMs: null,
  alertLatencyMs: { p50: null, p99: null },
  alertsSent: 0,
  maybeRepeats: 0,
  refusedTexts: 0,
  chats: {},
  wallets: 0,
  positions: [],
  blind: 0,
  lastCycle: null,
  endpoints: [],
  outbox: { waiting: 0, oldestCreatedAtMs: null },
  memoryMb: 1,
  uptimeMs: 0,
  nowMs: NOW_MS,
})
const ADDED = addedView({
  wallet: aWallet(),
  isNew: true,
  topicChanged: true,
  changes: [],
  proposed: [{ position: aPosition(), warningWad: wad('1.2') }],
  sweepMinutes: 5,
  stopped: true,
})

const SETTINGS = {
  settings: {
    ...DEFAULT_SETTINGS,
    quiet: { fromMinute: 1_380, toMinute: 420, zone: 'America/Argentina/ComodRivadavia' },
  },
  lines: { warningWad: wad('1.001'), criticalWad: null },
}
const LISTED = { watchId: BIG, owner: OWNER, label: 'x'.repeat(32), positions: [LOAN] }
/** As long as an address of Solana can be. */
const MINT = 'JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG'
const TOKEN = { address: MINT, symbol: 'x'.repeat(12) }
const UNDO = { text: 'Undo', data: `tok:add ${MINT}` }
const RULES = PRESET_RULES.balanced
const aRow = (index: number) => ranked(aPool({ id: `${MINT}${index}` }))
const POOLS = {
  rows: Array.from({ length: 100 }, (_, index) => aRow(index)),
  count: BIG,
  ageMs: 1,
  suspect: null,
  named: 10,
  filter: 'ffffffff',
  markOf: () => 'ffffffff',
}
const LP = {
  position: MINT,
  pool: MINT,
  name: 'x',
  bins: { lower: 0, upper: 9, active: 3, outOfRange: null },
  poolValueUsd: null,
  poolUnclaimedUsd: null,
  link: 'https://app.meteora.ag',
}
/** The longest names of a loan: by ids, and by owner and key. */
const PLACES = [`${BIG}:${BIG}`, `${OWNER.slice(2)}:n12345678`]
const VIEWS: readonly (readonly [string, readonly View[]])[] = [
  ['/start and /help', [startView([...PROTOCOL_IDS], true), helpView([...PROTOCOL_IDS])]],
  ['usage', [usageView('I read nothing.', '/check Main')]],
  ['/status', [STATUS]],
  ['/stats', [STATS]],
  ['/protocols', [protocolsView(PROTOCOL_IDS.map((id) => ({ id, appUrl: 'https://a.example', loans: 1 })))]],
  ['/add', [ADDED]],
  ['a look', [lookView(aWallet(), false), lookView(aWallet(), true)]],
  ['/list in pages', [0, 1, BIG].map((page) => listView({ wallets: many(LISTED), stopped: true, page }))],
  [
    '/check in pages, for any words',
    [...HOSTILE_NAMES, OWNER, '钱'.repeat(32)].flatMap((filter) =>
      [0, 1, BIG].map((page) => checkView(many(aWallet()), { filter, page })),
    ),
  ],
  [
    '/settings',
    (['overview', 'quiet', 'repeat', 'critical', 'blind', 'dust', 'second'] as const).flatMap((page) =>
      [null, 'active' as const].map((second) => settingsPageView(page, { ...SETTINGS, second })),
    ),
  ],
  ['/threshold', [thresholdsView({ chatWad: wad('1.5'), loans: many(LOAN) }), chooseThresholdView(LOAN)]],
  [
    'a changed threshold',
    [thresholdChangedView({ what: 'x', from: null, to: null, moved: [], kept: [{ ...LOAN }] })],
  ],
  [
    '/position and /rescue',
    PLACES.flatMap((place) => {
      const loan = aLoan({ place, watched: false })
      const shared = { loan, detail: aDetail(), nowMs: NOW_MS }
      const target = { wad: wad('9.123456789'), from: 'asked' } as const
      return [positionView(shared), rescueView({ ...shared, ways: [aWay()], target })]
    }),
  ],
  ['/pools in pages', [0, 2, BIG].map((page) => poolsView({ ...POOLS, page }))],
  ['a chart', [chartCaptionView(aRow(0), { ageMs: 1, drawn: true })]],
  [
    '/poolalerts',
    [
      rulesView({ enabled: true, preset: 'careful', rules: RULES, changed: true, tokens: 50, stopped: true }),
      ...RULE_PAGES.map((page) => rulePageView(page, RULES)),
    ],
  ],
  [
    '/tokens',
    [
      ...[0, BIG].map((page) =>
        tokensView({ tokens: many(TOKEN), rules: RULES, most: 50, page, done: 'x', undo: UNDO }),
      ),
      quotesView(many(TOKEN).slice(0, 10), null),
      clearTokensView(50),
      ...(['list', 'quotes', 'pools'] as const).map((to) =>
        chooseTokenView('x', { found: many({ ...TOKEN, verified: null, count: 1 }).slice(0, 10), to }),
      ),
    ],
  ],
  [
    '/lp',
    [
      lpWalletsView(many({ wallet: MINT, label: 'x'.repeat(32), ranges: [] }).slice(0, 10), { most: 10 }),
      lpRemovedView(MINT),
      lpFailedView({ wallet: MINT, label: null }, { why: 'x' }),
      ...[0, BIG].map((page) =>
        lpView({ wallet: MINT, label: null }, { positions: many(LP), gaps: null, page }),
      ),
    ],
  ],
  [
    'every alert',
    ALERTS.flatMap((transition) => {
      const one = facts({ rowId: BIG, transition })
      return [alertView(one), plainAlertView(one)]
    }),
  ],
]

describe('what stands behind the buttons', () => {
  it.each(VIEWS)('of %s fits into the 64 bytes of Telegram', (_, views) => {
    for (const button of views.flatMap(({ buttons }) => buttons.flat())) {
      if (!('data' in button)) continue
      expect(button.data).not.toBe('')
      expect(Buffer.byteLength(button.data)).toBeLessThanOrEqual(64)
    }
  })

  it.each(VIEWS)('of %s is at most a hundred buttons, eight in a row', (_, views) => {
    for (const { buttons } of views) {
      expect(buttons.flat().length).toBeLessThanOrEqual(100)
      for (const row of buttons) {
        expect(row.length).toBeGreaterThan(0)
        expect(row.length).toBeLessThanOrEqual(8)
      }
    }
  })
})
