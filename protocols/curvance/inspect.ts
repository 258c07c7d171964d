import type { Address } from '../../src/domain/address.ts'
import type { CollateralLine, PositionDetail, Price, Token, TokenLine } from '../../src/domain/detail.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import { ratioNotes } from '../../src/domain/ratio.ts'
import { WAD } from '../../src/domain/units.ts'
import type { Inspection } from '../strategy.ts'
import { type Circumstances, readCircumstances } from './circumstances.ts'
import { assetsOf, liquidationPriceWad, owedOf, worthOf } from './math.ts'
import { notesOf } from './notes.ts'
import type { Part } from './parts.ts'
import { type ReadContext, USD_DECIMALS } from './read.ts'
import type { TokenState } from './reader.ts'
import { readWhole, type Whole } from './whole.ts'

export interface InspectContext extends ReadContext {
  readonly readerAddress: Address | null
  readonly appUrl: string
}

const BPS = 10_000n

export async function inspectPosition(ref: PositionRef, context: InspectContext): Promise<Inspection> {
  const whole = await readWhole(ref, context)
  if (whole.kind !== 'ok') return whole
  const now = await readCircumstances(ref, { whole, readerAddress: context.readerAddress, context })
  return { kind: 'ok', detail: await detailOf(ref, { whole, now, context }) }
}

export async function detailOf(
  ref: PositionRef,
  { whole, now, context }: { whole: Whole; now: Circumstances; context: InspectContext },
): Promise<PositionDetail> {
  const { at, reader, appUrl } = context
  const rates = (await reader.fault(at)) === null ? await reader.tokens(at) : new Map<string, TokenState>()
  const counted = whole.counted.healthWad
  const lines = {
    collateral: whole.collateral.flatMap((part, index) => collateralLine({ part, index, whole, rates })),
    debt: whole.debt.flatMap((part, index) => debtLine({ part, index, whole, rates })),
  }
  return {
    ref,
    health: whole.health,
    ...lines,
    unit: 'USD',
    exact: whole.health.noDebt ? counted === null : whole.health.healthWad === counted,
    mode: null,
    notes: [...notesOf(whole, now), ...ratioNotes(lines)],
    url: appUrl,
    block: at.block,
    endpoint: at.endpoint,
  }
}

interface LineOf {
  readonly part: Part
  /** Where it stands in the loan. */
  readonly index: number
  readonly whole: Whole
  readonly rates: ReadonlyMap<string, TokenState>
}

function collateralLine({ part, index, whole, rates }: LineOf): CollateralLine[] {
  const one = whole.loan.collateral[index]
  if (!one || !part.token) return []
  const liquidationWad = whole.health.noDebt ? null : liquidationPriceWad(whole.loan, index)
  return [
    {
      token: part.token,
      amountRaw: assetsOf(one),
      value: { amount: worthOf(one), decimals: USD_DECIMALS },
      price: dollars(one.priceWad),
      yearlyRateWad: rates.get(part.cToken)?.supplyWad ?? null,
      secures: true,
      thresholdWad: (BPS * WAD) / one.reqSoftBps,
      liquidationPrice: liquidationWad === null ? null : dollars(liquidationWad),
    },
  ]
}

function debtLine({ part, index, whole, rates }: LineOf): TokenLine[] {
  const one = whole.loan.debt[index]
  if (!one || !part.token) return []
  const token: Token = part.token
  return [
    {
      token,
      amountRaw: one.balance,
      value: { amount: owedOf(one), decimals: USD_DECIMALS },
      price: dollars(one.priceWad),
      yearlyRateWad: rates.get(part.cToken)?.borrowWad ?? null,
    },
  ]
}

function dollars(priceWad: bigint): Price {
  return { amount: priceWad, decimals: USD_DECIMALS, unit: 'USD' }
}
