import { FormattedString } from '@grammyjs/parse-mode'
import type { LenderEvent, LenderLines } from '../../domain/pools/lender-alerts.ts'
import type { LendingOpportunity } from '../../domain/pools/lending.ts'
import { amountText } from '../amounts.ts'
import { walletName } from '../names.ts'
import { timeText } from '../numbers.ts'
import { compact } from '../plain.ts'
import { lines, type View, view } from '../view.ts'
import { opportunityName, rateText } from './rates.ts'

export interface LenderAlertFacts {
  readonly label: string | null
  readonly owner: string
  readonly event: LenderEvent
  readonly opportunity: LendingOpportunity
  /** What this user has in, in the smallest unit of the asset; `null` when not known. */
  readonly suppliedRaw: bigint | null
  readonly lines: LenderLines
  readonly nowMs: number
  readonly deliveryId: string
}

const MAX_SYMBOL = 12

/** What happened to a pool that somebody lends to: the first line alone must do on a lock screen. */
export function lenderAlertView(facts: LenderAlertFacts): View {
  const { opportunity, nowMs, deliveryId } = facts
  const who = `${walletName(facts)} · ${opportunityName(opportunity)}`
  const body = lines([
    FormattedString.b(headline(facts, who)),
    ...detail(facts),
    `As of ${timeText(opportunity.seenAtMs, nowMs)} · ref ${deliveryId}`,
  ])
  return view(body, [[{ text: 'Open the pool', url: opportunity.link }]])
}

function headline({ event, opportunity, lines: line }: LenderAlertFacts, who: string): string {
  const { yieldPerYear, lending } = opportunity
  const rate = `${rateText(yieldPerYear.total)} a year`
  switch (event.kind) {
    case 'dry':
      return event.reason === 'liquidity'
        ? `🔴 ${who} · less is left than you have in`
        : `🟠 ${who} · running dry, ${rateText(lending.utilisation)} lent out`
    case 'liquid':
      return `🟢 ${who} · enough is left again`
    case 'rate-low':
      return `📉 ${who} · ${rate}, below your line${lineText(line)}`
    case 'rate-back':
      return `📈 ${who} · ${rate}, above your line${lineText(line)} again`
  }
}

function detail(facts: LenderAlertFacts): (string | null)[] {
  const { event, opportunity } = facts
  switch (event.kind) {
    case 'dry':
      return [
        leftText(facts),
        'Lenders are paid out first come, first served. Take out what you need soon; repayments and new deposits fill the pool again.',
        `It earns ${rateText(opportunity.yieldPerYear.total)} a year now.`,
      ]
    case 'liquid':
      return [leftText(facts)]
    case 'rate-low':
    case 'rate-back':
      return ['Simple yearly rate of right now, without rewards.']
  }
}

function leftText({ opportunity, suppliedRaw }: LenderAlertFacts): string {
  const { asset, liquidityRaw, utilisation } = opportunity.lending
  const symbol = compact(asset.symbol, MAX_SYMBOL)
  const amount = (raw: bigint): string =>
    `${amountText({ amount: raw, decimals: asset.decimals }, 'down')} ${symbol}`.trim()
  const mine = suppliedRaw === null ? '' : `You have ${amount(suppliedRaw)} in. `
  return `${mine}All lenders together can take out ${amount(liquidityRaw)}; ${rateText(utilisation)} is lent out.`
}

function lineText({ yieldPerYear }: LenderLines): string {
  return yieldPerYear === null ? '' : ` of ${rateText(yieldPerYear)}`
}
