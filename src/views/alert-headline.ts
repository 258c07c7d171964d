import type { Level } from '../domain/alerting/state.ts'
import { isDrill } from '../domain/drill.ts'
import type { AlertFacts } from './alert-facts.ts'
import { disputedPhrase } from './alert-source.ts'
import { healthPhrase } from './health.ts'
import { lostPhrase } from './liquidation.ts'
import { LEVEL_ICONS, PROTOCOL_NAMES, positionName, walletName } from './names.ts'
import { percentToLiquidation, timeText } from './numbers.ts'
import { compact } from './plain.ts'

const MAX_SHORT_NAME = 12

/** The first line: alone it must do on a lock screen. */
export function alertHeadline(facts: AlertFacts): string {
  const { ref, label } = facts
  return headline(facts, `${walletName({ label, owner: ref.owner })} · ${positionName(ref)}`)
}

/** The same for where there is little room: of the names only the wallet's, and that cut short. */
export function shortHeadline(facts: AlertFacts): string {
  const { ref, label } = facts
  const wallet = compact(label ?? '', MAX_SHORT_NAME) || walletName({ label: null, owner: ref.owner })
  return headline(facts, `${wallet} · ${PROTOCOL_NAMES[ref.protocol]}`)
}

/** The same without the names that strangers chose. */
export function plainHeadline(facts: AlertFacts): string {
  const { ref } = facts
  return headline(facts, `${walletName({ label: null, owner: ref.owner })} · ${PROTOCOL_NAMES[ref.protocol]}`)
}

function headline(facts: AlertFacts, name: string): string {
  const { ref, transition, overtaken, createdAtMs, nowMs } = facts
  const { kind, reading, unseen, liquidation } = transition
  const named = isDrill(ref) ? `DRILL · ${name}` : name
  // Nobody may take it for the newest word.
  const who = overtaken ? `${named} · earlier, at ${timeText(createdAtMs, nowMs)}` : named
  const health = reading ? ` · ${healthPhrase(reading.health, ref.protocol)}` : ''
  switch (kind) {
    case 'warning':
    case 'critical':
    case 'liquidatable': {
      const disputed = disputedPhrase(facts)
      if (disputed !== null) return `❓ ${who} · ${disputed}`
      return `${LEVEL_ICONS[kind]} ${who}${health}${distancePhrase(facts)}`
    }
    case 'liquidated':
      return `💥 ${who} · liquidated${lostPhrase(liquidation)}`
    case 'escalation':
      return `🚨 Nobody answered · ${who}${beforePhrase(facts)}`
    case 'recovered':
      return transition.to === 'safe'
        ? `🟢 ${who} · recovered${health}`
        : `🟡 ${who} · no longer ${transition.from}, now ${levelPhrase(transition.to)}${health}`
    case 'sighted':
      return `👁 ${who} · visible again${health}`
    case 'blind': {
      const since = timeText(unseen?.sinceMs ?? nowMs, nowMs)
      return unseen?.reason === 'oracle'
        ? `⚫ ${who} · its price oracle does not answer since ${since}`
        : `⚫ ${who} · I cannot see this loan since ${since}`
    }
    case 'closed':
      return `⚪ ${who} · closed`
    case 'moved':
      return `↪️ ${who} · moved`
  }
}

function levelPhrase(level: Level): string {
  return level === 'warning' ? 'a warning' : level
}

function beforePhrase({ transition, ref }: AlertFacts): string {
  const { before } = transition
  return before ? ` · ${healthPhrase(before.health, ref.protocol)}` : ''
}

function distancePhrase({ transition, confirm }: AlertFacts): string {
  const { reading } = transition
  if (!reading || reading.health.noDebt) return ''
  if (reading.health.liquidatable) {
    return confirm === 'unconfirmed' ? ' · may be open to liquidation' : ' · can be liquidated now'
  }
  const percent = percentToLiquidation(reading.health)
  return percent === null ? ' · on the edge' : ` · ${percent} to liquidation`
}
