import type { Liquidation, TokenAmount } from '../domain/alerting/transition.ts'
import type { DeliveryItem } from '../domain/delivery.ts'
import { amountText, type Rounding } from './amounts.ts'
import { collateralWord, healthPhrase } from './health.ts'
import { grouped, valueText } from './numbers.ts'
import { compact } from './plain.ts'

const MAX_SYMBOL = 12

/** ` · lost 12.3 WMON`, for the first line; nothing when the event does not tell. */
export function lostPhrase(liquidation: Liquidation | null): string {
  const lost = liquidation?.seized && tokenText(liquidation.seized, 'nearest')
  return lost ? ` · lost ${lost}` : ''
}

/** What was taken for what. */
export function liquidationLine(liquidation: Liquidation | null): string {
  const repaid = liquidation?.repaid && tokenText(liquidation.repaid, 'nearest')
  const seized = liquidation?.seized && tokenText(liquidation.seized, 'nearest')
  if (repaid && seized) return `A liquidator paid back ${repaid} of the debt and took ${seized} for it.`
  if (seized) return `A liquidator took ${seized}.`
  if (repaid) return `A liquidator paid back ${repaid} of the debt; the event does not say what was taken.`
  return 'The event does not say what was taken.'
}

/** What is left, from a reading of after the event; else that it is not known yet. */
export function leftLine({
  transition,
  present,
  ref,
}: Pick<DeliveryItem, 'transition' | 'present' | 'ref'>): string {
  const { liquidation } = transition
  if (!present || !liquidation || present.block < liquidation.block)
    return 'What is left I am reading now: /check shows it.'
  const { unit, collateral, debt, health } = present
  const word = collateralWord(present)
  return `Left: ${word} ${valueText(collateral, unit)} · debt ${valueText(debt, unit)} · ${healthPhrase(health, ref.protocol)} (block ${grouped(present.block)}).`
}

function tokenText({ symbol, amount }: TokenAmount, rounding: Rounding): string | null {
  if (amount === null) return null
  return `${amountText(amount, rounding)} ${compact(symbol ?? 'tokens', MAX_SYMBOL)}`.trim()
}
