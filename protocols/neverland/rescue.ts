import type { WayOut } from '../../src/domain/detail.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import type { Rescue } from '../strategy.ts'
import type { Holding } from './account.ts'
import { type InspectContext, type Taken, takeApart } from './inspect.ts'
import { balanceCall } from './prices.ts'
import { amountToAdd, amountToRepay } from './way-amounts.ts'
import { wordOf } from './words-of.ts'

/** What can be repaid or added so that the position comes to `targetWad`, as the pool would count it at this block. */
export async function rescuePosition(
  request: { ref: PositionRef; targetWad: bigint },
  context: InspectContext,
): Promise<Rescue> {
  const taken = await takeApart(request.ref, context)
  if (taken.kind !== 'ok') return taken
  const { detail } = taken
  const { health } = detail
  if (health.noDebt || health.healthWad >= request.targetWad) return { kind: 'ok', detail, ways: [] }
  const ways = waysOut(taken, request.targetWad)
  const balances = await context.at.call(
    ways.map(({ token }) => balanceCall(token.address, request.ref.owner)),
  )
  return {
    kind: 'ok',
    detail,
    ways: ways.map((way, index) => ({ ...way, walletRaw: wordOf(balances[index]) ?? null })),
  }
}

/** Repaying comes first: it also stops the interest. */
function waysOut(taken: Taken, targetWad: bigint): Omit<WayOut, 'walletRaw'>[] {
  const { account, tokens } = taken
  const repay = account.parts.flatMap((part): Omit<WayOut, 'walletRaw'>[] => {
    const token = tokens.get(part.asset)
    if (!token || part.owedRaw === 0n || !canRepay(part)) return []
    return [{ kind: 'repay', token, ...amountToRepay(account, { asset: part.asset, targetWad }) }]
  })
  const add = account.parts.flatMap((part): Omit<WayOut, 'walletRaw'>[] => {
    const token = tokens.get(part.asset)
    const way = canSupply(part) ? amountToAdd(account, { asset: part.asset, targetWad }) : null
    return token && way ? [{ kind: 'add-collateral', token, ...way }] : []
  })
  return [...repay, ...add]
}

function canRepay({ reserve }: Holding): boolean {
  return reserve.active && !reserve.paused
}

function canSupply({ reserve }: Holding): boolean {
  return reserve.active && !reserve.paused && !reserve.frozen
}
