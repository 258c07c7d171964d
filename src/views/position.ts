import { FormattedString } from '@grammyjs/parse-mode'
import type { CollateralLine, PositionDetail, TokenLine } from '../domain/detail.ts'
import type { Unit, Value } from '../domain/position.ts'
import { amountText, placeText, priceText, tokenNames, worthText } from './amounts.ts'
import { fitted } from './fitted.ts'
import { loanHeadline } from './health.ts'
import { timeByInterest } from './interest.ts'
import { loanName, noteLines, openButton, type ShownLoan, sourceLine } from './loan.ts'
import { percentToLiquidation } from './numbers.ts'
import { compact } from './plain.ts'
import { type Button, lines, type View, view } from './view.ts'

const MAX_TOKENS = 8
/** What a message has for all of it, in UTF-16 units, headings and line breaks aside. */
const MESSAGE_UNITS = 3700
const COLLATERAL_PERCENT = 60
const MAX_MODE = 24
const PERMILLE_WITH_DECIMAL = 100n

export interface PositionFacts {
  readonly loan: ShownLoan
  readonly detail: PositionDetail
  readonly nowMs: number
}

type Named = (line: TokenLine) => string

/** `/position`: what one loan is made of, and where its liquidation lies. */
export function positionView({ loan, detail, nowMs }: PositionFacts): View {
  const { health, unit } = detail
  const collateral = [...detail.collateral].sort(
    (a, b) => Number(b.secures) - Number(a.secures) || compareValues(b.value, a.value),
  )
  const debt = [...detail.debt].sort((a, b) => compareValues(b.value, a.value))
  const nameOf = tokenNames([...collateral, ...debt].map(({ token }) => token))
  const named: Named = (line) => `${nameOf(line.token)}${placeText(line)}`
  const head = FormattedString.b(
    loanHeadline(loanName(loan), { health, lines: loan.lines, protocol: loan.ref.protocol }),
  )
  const tail = lines([...situationLines(detail, named), ...noteLines(detail), sourceLine(detail, nowMs)])
  const room = MESSAGE_UNITS - head.text.length - tail.text.length
  const forCollateral = Math.floor((room * COLLATERAL_PERCENT) / 100)
  const body = lines([
    head,
    '',
    heading(collateral, { what: 'Collateral', unit }),
    ...fitted(
      collateral.map((line) => collateralText(line, { detail, named })),
      { units: forCollateral, items: MAX_TOKENS, more },
    ),
    ...(health.noDebt
      ? []
      : [
          heading(debt, { what: 'Debt', unit }),
          ...fitted(
            debt.map((line) => [tokenText(line, { unit, named, verb: 'costs' })]),
            { units: room - forCollateral, items: MAX_TOKENS, more },
          ),
        ]),
    '',
    tail,
  ])
  return view(body, buttons(loan, detail))
}

function situationLines(detail: PositionDetail, named: Named): (string | null)[] {
  const interest = timeByInterest(detail)
  const mode = detail.mode === null ? '' : compact(detail.mode, MAX_MODE)
  return [
    uniformFall(detail, named),
    interest === null ? null : `By interest alone: liquidation in ${interest}.`,
    mode === '' ? null : `Mode: ${mode}`,
  ]
}

function buttons({ place, watched, ref }: ShownLoan, { health, url }: PositionDetail): Button[][] {
  return [
    [
      { text: 'Refresh', data: `rpos:${place}` },
      ...(health.noDebt ? [] : [{ text: 'Ways out', data: `out:${place}` }]),
    ],
    [...(watched ? [] : [{ text: 'Watch', data: `add:${ref.owner}` }]), openButton(ref, url)],
  ]
}

/** With one token its own line says it all; with more the sum goes first. */
function heading(items: readonly TokenLine[], { what, unit }: { what: string; unit: Unit }): FormattedString {
  const sum = items.length > 1 ? ` ${worthText(sumOf(items.map(({ value }) => value)), unit)}` : ''
  return FormattedString.b(items.length === 0 ? `${what}: none` : `${what}${sum}`)
}

function tokenText(line: TokenLine, how: { unit: Unit; named: Named; verb: 'earns' | 'costs' }): string {
  const amount = amountText({ amount: line.amountRaw, decimals: line.token.decimals }, 'nearest')
  return `   ${amount} ${how.named(line)} · ${worthText(line.value, how.unit)} · ${rateText(line.yearlyRateWad, how.verb)}`
}

function collateralText(
  line: CollateralLine,
  { detail, named }: { detail: PositionDetail; named: Named },
): string[] {
  const text = tokenText(line, { unit: detail.unit, named, verb: 'earns' })
  return detail.health.noDebt ? [text] : [text, `      ${liquidationText(line, detail.exact)}`]
}

function liquidationText({ secures, price, liquidationPrice }: CollateralLine, exact: boolean): string {
  if (!secures) return 'does not secure the debt'
  if (liquidationPrice === null) return 'liquidation: not by this token alone'
  // Up: the first price at which it can happen must not be shown lower than it is.
  const at = `liquidation at ${exact ? '' : 'about '}${priceText(liquidationPrice, 'up')}`
  if (price.unit !== liquidationPrice.unit) return `${at} (now ${priceText(price)})`
  return `${at} (now ${priceText(price)}, ${fallText(price, liquidationPrice)})`
}

/** How far the price may fall, never shown further than it is. */
function fallText(now: Value, at: Value): string {
  if (compareValues(now, at) <= 0) return 'reached'
  const nowScaled = now.amount * 10n ** BigInt(at.decimals)
  const atScaled = at.amount * 10n ** BigInt(now.decimals)
  const permille = ((nowScaled - atScaled) * 1000n) / nowScaled
  if (permille === 0n) return 'under 0.1 % away'
  return permille < PERMILLE_WITH_DECIMAL ? `-${permille / 10n}.${permille % 10n} %` : `-${permille / 10n} %`
}

/** Several tokens seldom fall alone: how far all of them may, and which one counts most. */
function uniformFall(detail: PositionDetail, named: Named): string | null {
  const securing = detail.collateral.filter(({ secures, amountRaw }) => secures && amountRaw > 0n)
  const percent = percentToLiquidation(detail.health)
  const [first, ...rest] = securing
  if (!first || rest.length === 0 || percent === null) return null
  const largest = rest.reduce((a, b) => (compareValues(b.value, a.value) > 0 ? b : a), first)
  return `All collateral together may fall ${percent}; the largest is ${named(largest)} (${worthText(largest.value, detail.unit)}).`
}

function rateText(yearlyRateWad: bigint | null, verb: 'earns' | 'costs'): string {
  if (yearlyRateWad === null) return 'rate not known'
  if (yearlyRateWad === 0n) return `${verb} nothing`
  const hundredths = yearlyRateWad / 10n ** 14n
  if (hundredths === 0n) return `${verb} under 0.01 % a year`
  if (hundredths >= 10n ** 8n) return `${verb} over 1,000,000 % a year`
  const size = hundredths < 0n ? -hundredths : hundredths
  return `${verb} ${hundredths < 0n ? '-' : ''}${size / 100n}.${(size % 100n).toString().padStart(2, '0')} % a year`
}

function more(left: number): string {
  return `   … and ${left} more, each worth less`
}

function compareValues(a: Value, b: Value): number {
  const left = a.amount * 10n ** BigInt(b.decimals)
  const right = b.amount * 10n ** BigInt(a.decimals)
  return left === right ? 0 : left < right ? -1 : 1
}

function sumOf(values: readonly Value[]): Value {
  const decimals = Math.max(0, ...values.map((value) => value.decimals))
  const amount = values.reduce(
    (sum, value) => sum + value.amount * 10n ** BigInt(decimals - value.decimals),
    0n,
  )
  return { amount, decimals }
}
