import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Tokens } from '../../src/chain/tokens.ts'
import type { CollateralLine, PositionDetail, Token, TokenLine } from '../../src/domain/detail.ts'
import type { NoneReading, OkReading, PositionRef, UnknownReading } from '../../src/domain/position.ts'
import { ratioNotes } from '../../src/domain/ratio.ts'
import type { Inspection } from '../strategy.ts'
import { type Composition, type Holding, readComposition } from './account.ts'
import { AAVE_PROVIDER } from './addresses.ts'
import type { BaseCurrency } from './base-currency.ts'
import { liquidationPrice } from './liquidation-price.ts'
import type { Market, Markets } from './markets.ts'
import { type Account, owedBase, rulesFor, type Sums, secures, sumUp, suppliedBase } from './model.ts'
import { notesFor } from './notes.ts'
import { readPositions } from './read.ts'
import type { Vaults } from './vaults.ts'

export interface InspectContext {
  readonly markets: Markets
  readonly tokens: Tokens
  readonly vaults: Vaults
  readonly at: ChainReader
}

/** A position taken apart: its detail for a person, and the same as the model that computes ways out. */
export interface Taken {
  readonly kind: 'ok'
  readonly detail: PositionDetail
  readonly account: Account<Holding>
  readonly tokens: ReadonlyMap<string, Token>
}

const APP_URL = 'https://app.neverland.money'
const AAVE_URL = 'https://app.aave.com'
const BPS_WAD = 10n ** 14n
const RAY_PER_WAD = 10n ** 9n
/** Parts that miss the pool's own totals by more than one in so many were not read rightly. */
const MOST_OFF = 100n

export async function inspectPosition(ref: PositionRef, context: InspectContext): Promise<Inspection> {
  const taken = await takeApart(ref, context)
  return taken.kind === 'ok' ? { kind: 'ok', detail: taken.detail } : taken
}

/** Reads all of one position and adds it up again. Health is always the pool's own, never the sum. */
export async function takeApart(
  ref: PositionRef,
  context: InspectContext,
): Promise<Taken | NoneReading | UnknownReading> {
  const { markets, at } = context
  const market = markets.list.find(({ id }) => id === ref.market)
  const [[reading], composed, repaysItself] = await Promise.all([
    readPositions([ref], { markets, at }),
    market ? readComposition({ market, owner: ref.owner }, at) : undefined,
    market ? context.vaults({ market, owner: ref.owner }, at) : false,
  ])
  if (!market || !reading || !composed)
    return unknown(`market ${ref.marketName} is not known, or does not answer`)
  if (reading.kind !== 'ok') return reading
  if (!composed.ok) return unknown(`the pool does not tell ${composed.what}`)
  const composition = composed.value
  const tokens = await context.tokens(
    composition.holdings.map(({ asset }) => asset),
    at,
  )
  const silent = composition.holdings.find(({ asset }) => !tokens.has(asset))
  if (silent) return unknown('a token does not tell its decimals')
  const fit = findRules(composition, reading)
  if (!fit) return unknown('the parts of the account do not add up to what the pool says of it')
  const account = { parts: composition.holdings, rules: fit.rules }
  const lines = linesOf(account, { tokens, base: market.base })
  const notes = notesFor({ reading, composition, tokens, repaysItself })
  const detail: PositionDetail = {
    ref,
    health: reading.health,
    ...lines,
    unit: market.base.unit,
    exact: fit.exact,
    mode: composition.eMode?.label ?? null,
    notes: [...notes, ...ratioNotes(lines)],
    url: urlOf(market),
    block: reading.block,
    endpoint: reading.endpoint,
  }
  return { kind: 'ok', detail, account, tokens }
}

/** The rules that give the pool's own numbers; else the expected ones, unless even they are far off. */
function findRules({ revision, holdings }: Composition, reading: OkReading) {
  const candidates = rulesFor(revision).map((rules) => ({ rules, sums: sumUp(holdings, rules) }))
  const exact = candidates.find(({ sums }) => differences(sums, reading).every(({ a, b }) => a === b))
  if (exact) return { rules: exact.rules, exact: true }
  const close = candidates.find(({ sums }) => differences(sums, reading).every(isClose))
  return close && { rules: close.rules, exact: false }
}

/** `null`: no debt, so no health. */
interface Compared {
  readonly a: bigint | null
  readonly b: bigint | null
}

function differences(sums: Sums, { health, collateral, debt }: OkReading): Compared[] {
  return [
    { a: sums.collateralBase, b: collateral.amount },
    { a: sums.debtBase, b: debt.amount },
    { a: sums.healthWad, b: health.noDebt ? null : health.healthWad },
  ]
}

function isClose({ a, b }: Compared): boolean {
  if (a === null || b === null) return a === b
  const gap = a > b ? a - b : b - a
  return gap * MOST_OFF <= (a > b ? a : b)
}

function linesOf(
  account: Account<Holding>,
  { tokens, base }: { tokens: Taken['tokens']; base: BaseCurrency },
) {
  const { parts, rules } = account
  const collateral: CollateralLine[] = []
  const debt: TokenLine[] = []
  for (const part of parts) {
    const token = tokens.get(part.asset)
    if (!token) continue
    const isSecuring = secures(part, rules) && part.thresholdBps > 0n
    if (part.suppliedRaw > 0n) {
      const price = isSecuring ? liquidationPrice(account, part.pricedAs) : null
      collateral.push({
        ...lineOf(part, { token, amountRaw: part.suppliedRaw, worth: suppliedBase(part), base }),
        yearlyRateWad: part.reserve.supplyRateRay / RAY_PER_WAD,
        secures: isSecuring,
        thresholdWad: part.thresholdBps * BPS_WAD,
        liquidationPrice: price === null ? null : { ...base, amount: price },
      })
    }
    if (part.owedRaw > 0n) {
      debt.push({
        ...lineOf(part, { token, amountRaw: part.owedRaw, worth: owedBase(part, rules), base }),
        // A debt partly at a stable rate has no one rate.
        yearlyRateWad: part.owedStableRaw > 0n ? null : part.reserve.borrowRateRay / RAY_PER_WAD,
      })
    }
  }
  return { collateral: collateral.sort(byValue), debt: debt.sort(byValue) }
}

function lineOf(part: Holding, is: { token: Token; amountRaw: bigint; worth: bigint; base: BaseCurrency }) {
  return {
    token: is.token,
    amountRaw: is.amountRaw,
    value: { amount: is.worth, decimals: is.base.decimals },
    price: { ...is.base, amount: part.price },
  }
}

function byValue(a: TokenLine, b: TokenLine): number {
  return a.value.amount < b.value.amount ? 1 : a.value.amount > b.value.amount ? -1 : 0
}

export function urlOf(market: Market): string {
  return market.id === AAVE_PROVIDER ? AAVE_URL : APP_URL
}

function unknown(detail: string): UnknownReading {
  return { kind: 'unknown', reason: 'decode', detail }
}
