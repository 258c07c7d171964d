import { leaveMarginWad, levelUnder } from '../domain/alerting/levels.ts'
import { depthOf, type Verified } from '../domain/alerting/state.ts'
import type { Transition } from '../domain/alerting/transition.ts'
import type { AlertFacts } from './alert-facts.ts'
import { source } from './alert-source.ts'
import { collateralWord, healthPhrase } from './health.ts'
import { leftLine, liquidationLine } from './liquidation.ts'
import { positionName } from './names.ts'
import { grouped, healthText, thresholdText, timeText, valueText } from './numbers.ts'
import { plain } from './plain.ts'
import { repayTo } from './repay.ts'

const MAX_REASON = 120
/** The reading does not tell whether the hold is on; Ways out asks the contract. */
const CURVANCE_HOLD = ' Within 20 minutes of your last action Curvance refuses that: then add collateral.'

/** What follows the first line: before and now, what to do, amounts, source. */
export function detail(facts: AlertFacts): (string | null)[] {
  const { transition, nowMs } = facts
  const { kind, before, reading, lines: line, unseen } = transition
  switch (kind) {
    case 'warning':
    case 'critical':
    case 'liquidatable':
      return [
        `${situation(facts)}${wasPhrase(before, nowMs)}`,
        reading && (transition.badDebt ? null : waysOut(facts, reading)),
        reading && amounts(reading),
        reading && source(reading, facts),
      ]
    case 'recovered':
      return [
        transition.dust
          ? `What is owed is too small to ring for.${lowPhrase(transition)}`
          : transition.to === 'safe'
            ? `Above your line of ${thresholdText(line.warningWad)} again.${lowPhrase(transition)}`
            : `${betterPhrase(transition)}${lowPhrase(transition)}`,
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
      return [
        liquidationLine(transition.liquidation),
        leftLine(facts),
        `${transition.liquidation ? `Block ${grouped(transition.liquidation.block)} · ` : ''}from the protocol's own event · ref ${facts.deliveryId}`,
      ]
    case 'escalation':
      return [
        `It is ${transition.to}, and nobody in the first chat pressed Seen.`,
        before && waysOut(facts, before),
        'Wake its owner. Seen stops this for both chats.',
        before ? source(before, facts) : `Ref ${facts.deliveryId}`,
      ]
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

/** Health may be above the line of the level that is left: a level is not left before that has held. */
function betterPhrase({ to, reading, lines: line }: Transition): string {
  if (reading === null || depthOf(levelUnder(reading.health, line)) >= depthOf(to))
    return 'Better; I go on watching it closely.'
  const lineWad = to === 'critical' ? line.criticalWad : line.warningWad
  return `Better. It counts as ${to} until it has been clear of ${thresholdText(lineWad)} for a minute.`
}

function marketName({ ref, transition }: AlertFacts): string {
  const { movedTo } = transition
  return movedTo === null ? 'another market' : positionName({ ...ref, marketName: movedTo })
}

function situation({ transition, confirm }: AlertFacts): string {
  const { kind, newLow, repeat, badDebt, lines: line } = transition
  if (confirm === 'disputed') return 'Two sources tell different things. Look at it yourself, now.'
  if (badDebt) return 'The collateral is worth less than the debt: there may be nothing left to save.'
  if (newLow) return 'Still falling.'
  if (repeat) return `Still ${kind}, and nobody has pressed Seen.`
  if (kind === 'liquidatable') {
    return confirm === 'unconfirmed'
      ? 'One source says that anyone may liquidate it; I could not confirm it.'
      : 'The protocol allows anyone to liquidate it.'
  }
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

/** What to repay to get clear of the line; `null` when nothing is to be repaid. */
export function waysOut({ transition, ref }: AlertFacts, reading: Verified): string | null {
  const { lines: line } = transition
  // Exactly on the line would still count as under it.
  const repay = repayTo(line.warningWad + leaveMarginWad(line.warningWad), reading)
  if (repay === null) return null
  return `Repay about ${valueText(repay, reading.unit)} of debt to get clear of ${thresholdText(line.warningWad)}.${ref.protocol === 'curvance' ? CURVANCE_HOLD : ''}`
}

function amounts(reading: Verified): string {
  const { unit } = reading
  return `C${collateralWord(reading).slice(1)} ${valueText(reading.collateral, unit)} · debt ${valueText(reading.debt, unit)}`
}
