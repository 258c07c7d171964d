import { FormattedString } from '@grammyjs/parse-mode'
import { leaveMarginWad } from '../domain/alerting/levels.ts'
import type { Verified } from '../domain/alerting/state.ts'
import type { Transition } from '../domain/alerting/transition.ts'
import type { PositionRef } from '../domain/position.ts'
import { collateralWord, healthPhrase } from './health.ts'
import { LEVEL_ICONS, PROTOCOL_NAMES, positionName, walletName } from './names.ts'
import {
  durationText,
  grouped,
  healthText,
  percentToLiquidation,
  thresholdText,
  timeText,
  valueText,
} from './numbers.ts'
import { plain } from './plain.ts'
import { repayTo } from './repay.ts'
import { type Button, lines, type View, view } from './view.ts'

/** From here on a message says that it is late. */
const LATE_AFTER_MS = 60_000
const MAX_REASON = 120

export interface AlertFacts {
  readonly rowId: number
  readonly ref: PositionRef
  readonly label: string | null
  readonly transition: Transition
  readonly createdAtMs: number
  readonly nowMs: number
  readonly deliveryId: string
  readonly maybeRepeat: boolean
  readonly appUrl: string | null
}

/** The alert as its reader sees it: the first line alone must do on a lock screen. */
export function alertView(facts: AlertFacts): View {
  const body = lines([FormattedString.b(headline(facts, names(facts))), ...detail(facts), ...honesty(facts)])
  return view(body, buttons(facts))
}

/** Under an alert with sound: known, quiet, and now. The ids are the alert's own, so an old button cannot mean another one. */
function buttons({ ref, appUrl, rowId, transition }: AlertFacts): Button[][] {
  const open: Button[] =
    appUrl === null ? [] : [{ text: `Open ${PROTOCOL_NAMES[ref.protocol]}`, url: appUrl }]
  const now: Button = { text: 'Refresh', data: `now:${rowId}` }
  switch (transition.kind) {
    case 'warning':
    case 'critical':
    case 'liquidatable':
      return [
        [
          { text: 'Seen', data: `seen:${rowId}` },
          { text: 'Snooze 1 h', data: `snooze:${rowId}` },
        ],
        [now, { text: 'Ways out', data: `ways:${rowId}` }],
        ...(open.length > 0 ? [open] : []),
      ]
    case 'liquidated':
    case 'escalation':
    case 'blind':
      return [[{ text: 'Seen', data: `seen:${rowId}` }], [now, ...open]]
    case 'recovered':
    case 'sighted':
      return [[now, ...open]]
    case 'closed':
    case 'moved':
      return open.length > 0 ? [open] : []
  }
}

/** The same without names, formatting or buttons, for when Telegram refuses the full text. */
export function plainAlertView(facts: AlertFacts): View {
  const { ref, transition } = facts
  const bare = `${walletName({ label: null, owner: ref.owner })} · ${PROTOCOL_NAMES[ref.protocol]}`
  const origin = transition.reading ? source(transition.reading, facts) : `Ref ${facts.deliveryId}`
  return view(lines([headline(facts, bare), origin, ...honesty(facts)]))
}

function names({ ref, label }: AlertFacts): string {
  return `${walletName({ label, owner: ref.owner })} · ${positionName(ref)}`
}

function headline({ ref, transition, nowMs }: AlertFacts, who: string): string {
  const { kind, reading, unseen } = transition
  const health = reading ? ` · ${healthPhrase(reading.health, ref.protocol)}` : ''
  switch (kind) {
    case 'warning':
    case 'critical':
    case 'liquidatable':
      return `${LEVEL_ICONS[kind]} ${who}${health}${distancePhrase(reading)}`
    case 'recovered':
      return transition.to === 'safe'
        ? `🟢 ${who} · recovered${health}`
        : `🟡 ${who} · no longer ${transition.from}${health}`
    case 'sighted':
      return `👁 ${who} · visible again${health}`
    case 'blind':
      return `⚫ ${who} · I cannot see this loan since ${timeText(unseen?.sinceMs ?? nowMs, nowMs)}`
    case 'liquidated':
      return `💥 ${who} · liquidated`
    case 'escalation':
      return `🚨 ${who} · nobody answered`
    case 'closed':
      return `⚪ ${who} · closed`
    case 'moved':
      return `↪️ ${who} · moved`
  }
}

function distancePhrase(reading: Verified | null): string {
  if (!reading || reading.health.noDebt) return ''
  if (reading.health.liquidatable) return ' · can be liquidated now'
  const percent = percentToLiquidation(reading.health)
  return percent === null ? ' · on the edge' : ` · ${percent} to liquidation`
}

function detail(facts: AlertFacts): (string | null)[] {
  const { transition, nowMs } = facts
  const { kind, before, reading, lines: line, unseen } = transition
  switch (kind) {
    case 'warning':
    case 'critical':
    case 'liquidatable':
      return [
        `${situation(transition)}${wasPhrase(before, nowMs)}`,
        reading && waysOut(transition, reading),
        reading && amounts(reading),
        reading && source(reading, facts),
      ]
    case 'recovered':
      return [
        transition.to === 'safe'
          ? `Above your line of ${thresholdText(line.warningWad)} again.${lowPhrase(transition)}`
          : `Better; I go on watching it closely.${lowPhrase(transition)}`,
        reading && source(reading, facts),
      ]
    case 'sighted':
      return [
        unseen && `I could not see it since ${timeText(unseen.sinceMs, nowMs)}.`,
        reading && source(reading, facts),
      ]
    case 'blind':
      return [
        `Reason: ${plain(unseen?.detail ?? 'no answer', MAX_REASON)}.`,
        before === null
          ? 'I have not been able to read it even once.'
          : `Last seen: ${healthPhrase(before.health, facts.ref.protocol)} at ${timeText(before.atMs, nowMs)}, block ${grouped(before.block)}. It may be worse by now.`,
        'I keep trying and tell you when I see it again. Until then, look at it yourself.',
        `Ref ${facts.deliveryId}`,
      ]
    case 'liquidated':
    case 'escalation':
      return []
    case 'closed':
      return [
        `The chain no longer has this loan; two reads agree.${wasPhrase(before, nowMs)}`,
        `Ref ${facts.deliveryId}`,
      ]
    case 'moved':
      return [
        `The debt is now at ${marketName(facts)}; I go on watching it there with the same line.`,
        `Ref ${facts.deliveryId}`,
      ]
  }
}

function marketName({ ref, transition }: AlertFacts): string {
  const { movedTo } = transition
  return movedTo === null ? 'another market' : positionName({ ...ref, marketName: movedTo })
}

function situation({ kind, newLow, lines: line }: Transition): string {
  if (newLow) return 'Still falling.'
  if (kind === 'liquidatable') return 'The protocol allows anyone to liquidate it.'
  if (kind === 'critical') return `Under the critical line of ${thresholdText(line.criticalWad)}.`
  return `Under your line of ${thresholdText(line.warningWad)}.`
}

function wasPhrase(before: Verified | null, nowMs: number): string {
  return before
    ? ` Was ${healthPhrase(before.health).replace('health ', '')} at ${timeText(before.atMs, nowMs)}.`
    : ''
}

function lowPhrase({ rangAtWad }: Transition): string {
  return rangAtWad === null ? '' : ` It rang at ${healthText(rangAtWad)}.`
}

function waysOut({ lines: line }: Transition, reading: Verified): string | null {
  // Exactly on the line would still count as under it.
  const repay = repayTo(line.warningWad + leaveMarginWad(line.warningWad), reading)
  if (repay === null) return null
  return `Repay about ${valueText(repay, reading.unit)} of debt to get clear of ${thresholdText(line.warningWad)}.`
}

function amounts(reading: Verified): string {
  const { unit } = reading
  return `C${collateralWord(reading).slice(1)} ${valueText(reading.collateral, unit)} · debt ${valueText(reading.debt, unit)}`
}

function source(reading: Verified, { nowMs, deliveryId }: AlertFacts): string {
  return `Block ${grouped(reading.block)} · ${timeText(reading.atMs, nowMs)} · ${reading.endpoint}, one source · ref ${deliveryId}`
}

function honesty({ createdAtMs, nowMs, maybeRepeat, deliveryId }: AlertFacts): (string | null)[] {
  const lateMs = nowMs - createdAtMs
  return [
    lateMs >= LATE_AFTER_MS ? `⏳ Late by ${durationText(lateMs)}: I could not send this sooner.` : null,
    maybeRepeat ? `↩ May be a repeat of ${deliveryId}: I could not tell whether it arrived.` : null,
  ]
}
