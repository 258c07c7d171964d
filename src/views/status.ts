import { FormattedString, fmt } from '@grammyjs/parse-mode'
import { LEVELS, type Level } from '../domain/alerting/state.ts'
import type { SecondChat } from '../domain/pairing.ts'
import type { ProtocolId } from '../domain/position.ts'
import { LEVEL_ICONS, PROTOCOL_NAMES } from './names.ts'
import { durationText } from './numbers.ts'
import { secondChatWarning } from './second-chat.ts'
import { lines, type View, view } from './view.ts'

export interface StatusFacts {
  readonly stopped: boolean
  readonly wallets: number
  readonly levels: Readonly<Partial<Record<Level, number>>>
  readonly blind: number
  /** When the oldest of this chat's loans was last seen; `null` without loans. */
  readonly oldestSeenMs: number | null
  readonly waitingAlerts: number
  readonly secondChat: SecondChat
  /** When the last complete round over all loans ended. */
  readonly lastCycleMs: number | null
  readonly cycleSeconds: number
  readonly nowMs: number
}

/** `/status`: is everything all right, for this chat. */
export function statusView(facts: StatusFacts): View {
  const { nowMs, lastCycleMs, oldestSeenMs } = facts
  const levels = LEVELS.flatMap((level) => {
    const count = facts.levels[level] ?? 0
    return count > 0 ? [`${LEVEL_ICONS[level]} ${count} ${level}`] : []
  })
  return view(
    lines([
      facts.stopped ? '⏸ Alerts are off in this chat. /resume turns them on.' : '🔔 Alerts are on.',
      facts.wallets === 0
        ? 'No wallet is watched here yet. Send me an address.'
        : `${count(facts.wallets, 'wallet')}, ${levels.length > 0 ? `loans: ${levels.join(', ')}` : 'no loan so far'}.`,
      facts.blind > 0 ? `⚫ ${count(facts.blind, 'loan')} I cannot see at the moment.` : null,
      oldestSeenMs === null
        ? null
        : `Every loan here was seen within the last ${durationText(nowMs - oldestSeenMs)}.`,
      facts.waitingAlerts > 0 ? `⏳ ${count(facts.waitingAlerts, 'alert')} on the way to you.` : null,
      secondChatWarning(facts.secondChat),
      lastCycleMs === null
        ? 'I have just started and am reading everything for the first time.'
        : `I read everything every ${facts.cycleSeconds} s; the last round ended ${durationText(nowMs - lastCycleMs)} ago.`,
    ]),
    [
      [
        { text: 'Check now', data: 'check' },
        { text: 'My wallets', data: 'list' },
      ],
    ],
  )
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

export interface ProtocolFacts {
  readonly id: ProtocolId
  /** Where a person manages a loan; `null` when it is not watched. */
  readonly appUrl: string | null
  /** Loans of this chat. */
  readonly loans: number
}

/** `/protocols`: what is watched, with links. */
export function protocolsView(protocols: readonly ProtocolFacts[]): View {
  return view(
    lines([
      FormattedString.b('Protocols on Monad'),
      ...protocols.map(({ id, appUrl, loans }) => {
        const name = PROTOCOL_NAMES[id]
        if (appUrl === null) return fmt`▫️ ${name}: not watched by this bot`
        const link = FormattedString.link(name, appUrl)
        return fmt`▪️ ${link}: ${loans === 0 ? 'watched' : `${count(loans, 'loan')} of yours`}`
      }),
      '',
      'One address is looked at on all of them.',
    ]),
    [
      [
        { text: 'Check now', data: 'check' },
        { text: 'Help', data: 'help' },
      ],
    ],
  )
}
