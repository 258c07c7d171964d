import { balancesOf } from '../../src/chain/tokens.ts'
import type { Token, WayOut } from '../../src/domain/detail.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import type { Rescue } from '../strategy.ts'
import { type Circumstances, readCircumstances } from './circumstances.ts'
import { detailOf, type InspectContext } from './inspect.ts'
import { type Change, collateralFor, repayFor } from './math.ts'
import { addable, readWhole, type Whole } from './whole.ts'

type Way = Change & { readonly kind: WayOut['kind']; readonly token: Token }

/** Repay a debt, or add collateral; while Curvance holds the account only the latter. */
export async function rescuePosition(
  { ref, targetWad }: { ref: PositionRef; targetWad: bigint },
  context: InspectContext,
): Promise<Rescue> {
  const whole = await readWhole(ref, context)
  if (whole.kind !== 'ok') return whole
  const now = await readCircumstances(ref, { whole, readerAddress: context.readerAddress, context })
  const detail = await detailOf(ref, { whole, now, context })
  if (whole.health.noDebt || whole.health.healthWad >= targetWad) return { kind: 'ok', detail, ways: [] }
  const ways = [...repaying({ whole, now, targetWad }), ...adding({ whole, now, targetWad })]
  const wallet = await balancesOf(
    ways.map(({ token }) => token),
    { owner: ref.owner, at: context.at },
  )
  return {
    kind: 'ok',
    detail,
    ways: ways.map(({ kind, token, amount, after }, index) => ({
      kind,
      token,
      amountRaw: amount,
      healthAfterWad: after.healthWad,
      reachesTarget: after.healthWad === null || after.healthWad >= targetWad,
      walletRaw: wallet[index] ?? null,
    })),
  }
}

interface Wanted {
  readonly whole: Whole
  readonly now: Circumstances
  readonly targetWad: bigint
}

function repaying({ whole, now, targetWad }: Wanted): Way[] {
  if (now.heldUntilS !== null && now.heldUntilS > 0) return []
  return whole.debt.flatMap(({ token }, index) => {
    const change = repayFor(whole.loan, { index, targetWad, smallestUsdWad: now.smallestUsdWad })
    return token && change ? [{ kind: 'repay', token, ...change }] : []
  })
}

function adding({ whole, now, targetWad }: Wanted): Way[] {
  const { loan, parts } = whole
  return addable(whole).flatMap((part) => {
    const { token, cToken, collateral } = part
    if (!token || now.addingPaused.has(cToken) || collateral.priceWad === null) return []
    const held = whole.collateral.findIndex((one) => one.cToken === cToken)
    const index = held >= 0 ? held : loan.collateral.length
    const more =
      held >= 0 ? loan.collateral : [...loan.collateral, { ...collateral, priceWad: collateral.priceWad }]
    const change = collateralFor(
      { ...loan, collateral: more, bufferBps: parts.bufferBps },
      { index, targetWad, roomShares: now.roomShares.get(cToken) ?? null },
    )
    return change ? [{ kind: 'add-collateral', token, ...change }] : []
  })
}
