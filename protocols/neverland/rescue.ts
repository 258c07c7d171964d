import type { WayOut } from '../../src/domain/detail.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import type { Rescue } from '../strategy.ts'
import type { Holding } from './account.ts'
import { type InspectContext, type Taken, takeApart } from './inspect.ts'
import { sumUp } from './model.ts'
import { balanceCall } from './prices.ts'
import { readSupplyRoom } from './supply-room.ts'
import { amountToAdd, amountToRepay, type WayAmount } from './way-amounts.ts'
import { wordOf } from './words-of.ts'

/** What can be repaid or added so that the position comes to `targetWad`, as the pool would count it at this block. */
export async function rescuePosition(
  request: { ref: PositionRef; targetWad: bigint },
  context: InspectContext,
): Promise<Rescue> {
  const taken = await takeApart(request.ref, context)
  if (taken.kind !== 'ok') return taken
  const { detail, account, tokens } = taken
  const { health } = detail
  if (health.noDebt || health.healthWad >= request.targetWad) return { kind: 'ok', detail, ways: [] }
  const { parts } = account
  const [room, balances] = await Promise.all([
    readSupplyRoom(
      parts.map(({ reserve }) => reserve),
      context.at,
    ),
    context.at.call(parts.map(({ asset }) => balanceCall(asset, request.ref.owner))),
  ])
  const scale = scaleOf(taken, health.healthWad)
  const targetWad = scale.toModel(request.targetWad)

  function wayOut(kind: WayOut['kind'], found: { part: Holding; way: WayAmount | null }): WayOut[] {
    const { part, way } = found
    const token = tokens.get(part.asset)
    if (!token || !way) return []
    const healthAfterWad = way.healthAfterWad === null ? null : scale.toPool(way.healthAfterWad)
    return [{ kind, token, ...way, healthAfterWad, walletRaw: wordOf(balances[parts.indexOf(part)]) ?? null }]
  }

  // Repaying comes first: it also stops the interest.
  const repay = parts
    .filter(canRepay)
    .flatMap((part) =>
      wayOut('repay', { part, way: amountToRepay(account, { asset: part.asset, targetWad }) }),
    )
  const add = parts.flatMap((part) => {
    const roomRaw = room.get(part.reserve) ?? null
    return wayOut('add-collateral', {
      part,
      way: amountToAdd(account, { asset: part.asset, targetWad, roomRaw }),
    })
  })
  return { kind: 'ok', detail, ways: [...repay, ...add] }
}

function canRepay({ owedRaw, reserve }: Holding): boolean {
  return owedRaw > 0n && reserve.active && !reserve.paused
}

/** Between the health of the parts and the pool's own. They are the same unless the detail is not exact. */
function scaleOf({ account }: Taken, poolWad: bigint) {
  const modelWad = sumUp(account.parts, account.rules).healthWad ?? 0n
  if (modelWad === poolWad || modelWad === 0n || poolWad === 0n) {
    return { toModel: (wad: bigint) => wad, toPool: (wad: bigint) => wad }
  }
  return {
    toModel: (wad: bigint) => (wad * modelWad + poolWad - 1n) / poolWad,
    toPool: (wad: bigint) => (wad * poolWad) / modelWad,
  }
}
