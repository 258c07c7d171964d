import { FormattedString } from '@grammyjs/parse-mode'
import { type ChatSettings, REPEAT_LEVELS } from '../domain/chat-settings.ts'
import { linesFor, type SetLines } from '../domain/thresholds.ts'
import { WAD } from '../domain/units.ts'
import { LEVEL_ICONS } from './names.ts'
import { thresholdText } from './numbers.ts'
import { secondChatView } from './second-chat.ts'
import {
  blindText,
  clock,
  criticalText,
  dollars,
  dustText,
  minutesText,
  quietText,
  repeatText,
  type SettingsFacts,
  type SettingsPage,
  settingsView,
  typed,
  zoneName,
} from './settings.ts'
import { type Button, lines, type View, view } from './view.ts'

const BACK: Button = { text: '‹ Settings', data: 'set:' }

const ZONES = [
  'Asia/Shanghai',
  'Asia/Singapore',
  'Asia/Tokyo',
  'Asia/Kolkata',
  'Europe/London',
  'Europe/Berlin',
  'America/New_York',
  'America/Los_Angeles',
  'UTC',
]
const STARTS = [21, 22, 23, 0]
const ENDS = [6, 7, 8, 9]
const REPEATS = { warning: [60, 240, 720], critical: [15, 30, 60], liquidatable: [5, 10, 30] } as const
const BLIND = [5, 10, 20, 30]
const BLIND_CRITICAL = [1, 3, 5, 10]
const DUST = [0, 100, 1_000, 10_000]
/** How far from 1 to the warning the critical line may lie, in eighths; two is the usual. */
const EIGHTHS = [1n, 2n, 3n, 4n]

/** One part of `/settings`. */
export function settingsPageView(page: SettingsPage, facts: SettingsFacts): View {
  switch (page) {
    case 'overview':
      return settingsView(facts)
    case 'quiet':
      return quietView(facts.settings)
    case 'repeat':
      return repeatView(facts.settings)
    case 'critical':
      return criticalView(facts.lines)
    case 'blind':
      return blindView(facts.settings)
    case 'dust':
      return dustView(facts.settings)
    case 'second':
      return secondChatView(facts.second)
  }
}

/** The choice that holds is ticked. */
function choice(text: string, { data, chosen }: { data: string; chosen: boolean }): Button {
  return { text: chosen ? `✓ ${text}` : text, data: `set:${data}` }
}

function quietView({ quiet }: ChatSettings): View {
  const zones = ZONES.map((zone) =>
    choice(zoneName(zone), { data: `quiet zone ${zone}`, chosen: quiet?.zone === zone }),
  )
  const zoneRows = [zones.slice(0, 3), zones.slice(3, 6), zones.slice(6)]
  const through = 'Critical, liquidatable and liquidated loans ring at any hour.'
  const typing = typed('/settings quiet 23:00 07:00 Asia/Shanghai')
  if (quiet === null) {
    return view(
      lines([
        FormattedString.b(quietText(quiet)),
        through,
        '',
        'Where are you? Your choice makes 23:00 to 07:00 quiet there.',
        typing,
      ]),
      [...zoneRows, [BACK]],
    )
  }
  const from = STARTS.map((hour) => {
    const time = clock(hour * 60)
    return choice(`from ${time}`, { data: `quiet from ${time}`, chosen: quiet.fromMinute === hour * 60 })
  })
  const to = ENDS.map((hour) => {
    const time = clock(hour * 60)
    return choice(`to ${time}`, { data: `quiet to ${time}`, chosen: quiet.toMinute === hour * 60 })
  })
  return view(lines([FormattedString.b(quietText(quiet)), through, '', typing]), [
    from,
    to,
    ...zoneRows,
    [{ text: 'No quiet hours', data: 'set:quiet off' }],
    [BACK],
  ])
}

function repeatView(settings: ChatSettings): View {
  const rows = REPEAT_LEVELS.map((level) => {
    const now = settings.repeatMinutes[level]
    const choices = REPEATS[level].map((minutes) =>
      choice(`${LEVEL_ICONS[level]} ${minutesText(minutes)}`, {
        data: `repeat ${level} ${minutes}m`,
        chosen: now === minutes,
      }),
    )
    const off = choice(`${LEVEL_ICONS[level]} off`, { data: `repeat ${level} off`, chosen: now === null })
    return [...choices, off]
  })
  return view(
    lines([
      FormattedString.b(repeatText(settings)),
      '“Seen” under an alert stops its repeats. Getting worse always rings.',
      '',
      typed('/settings repeat critical 15m'),
    ]),
    [
      ...rows,
      [
        { text: 'All repeats off', data: 'set:repeat off' },
        { text: 'As usual', data: 'set:repeat default' },
      ],
      [BACK],
    ],
  )
}

function criticalView(set: SetLines): View {
  const { criticalWad } = linesFor(set.warningWad, set.criticalWad)
  const choices = EIGHTHS.flatMap((eighths) => {
    const exact = WAD + ((set.warningWad - WAD) * eighths) / 8n
    if (eighths === 2n) return [{ wad: exact, word: 'usual' }]
    const wad = exact - (exact % 10n ** 15n)
    return wad > WAD ? [{ wad, word: thresholdText(wad) }] : []
  })
  return view(
    lines([
      FormattedString.b(criticalText(set)),
      'Critical rings through quiet hours, repeats sooner and goes to the second chat. This is for loans without a line of their own; /threshold sets theirs.',
      '',
      typed(`/settings critical ${thresholdText(choices.at(-1)?.wad ?? criticalWad)}`),
    ]),
    [
      choices.map(({ wad, word }) =>
        choice(word === 'usual' ? `${thresholdText(wad)} (usual)` : word, {
          data: `critical ${word}`,
          chosen: wad === criticalWad,
        }),
      ),
      [BACK],
    ],
  )
}

function blindView(settings: ChatSettings): View {
  const { blindMinutes, blindCriticalMinutes } = settings
  return view(
    lines([
      FormattedString.b(blindText(settings)),
      'First row: any loan. Second row: a critical one.',
      '',
      typed('/settings blind 10 3'),
    ]),
    [
      BLIND.map((minutes) =>
        choice(`${minutes} min`, { data: `blind ${minutes}`, chosen: minutes === blindMinutes }),
      ),
      BLIND_CRITICAL.filter((minutes) => minutes <= blindMinutes).map((minutes) =>
        choice(`🔴 ${minutes} min`, {
          data: `blind critical ${minutes}`,
          chosen: minutes === blindCriticalMinutes,
        }),
      ),
      [BACK],
    ],
  )
}

function dustView(settings: ChatSettings): View {
  return view(
    lines([
      FormattedString.b(dustText(settings)),
      'A debt of a few cents is not worth waking you.',
      '',
      typed('/settings dust 1'),
    ]),
    [
      DUST.map((cents) =>
        choice(cents === 0 ? 'All ring' : dollars(cents), {
          data: `dust ${cents / 100}`,
          chosen: cents === settings.dustFloorCents,
        }),
      ),
      [BACK],
    ],
  )
}
