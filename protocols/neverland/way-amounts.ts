import type { Address } from '../../src/domain/address.ts'
import { lowestPassing } from './bisect.ts'
import { type Account, type Part, secures, sumUp } from './model.ts'

export interface WayAmount {
  readonly amountRaw: bigint
  readonly healthAfterWad: bigint | null
  readonly reachesTarget: boolean
}

/** More of a token than exists; a search that comes here has no answer. */
const MOST_RAW = 2n ** 160n

/** The least that has to be repaid of this debt, or all of it when that is not enough. */
export function amountToRepay(account: Account, way: { asset: Address; targetWad: bigint }): WayAmount {
  const owedRaw = account.parts.find(({ asset }) => asset === way.asset)?.owedRaw ?? 0n
  const after = (amountRaw: bigint) =>
    healthWith(account, {
      asset: way.asset,
      change: (part) => ({ ...part, owedRaw: part.owedRaw - amountRaw }),
    })
  const reaches = (amountRaw: bigint) => isEnough(after(amountRaw), way.targetWad)
  if (!reaches(owedRaw)) {
    return { amountRaw: owedRaw, healthAfterWad: after(owedRaw), reachesTarget: false }
  }
  const least = lowestPassing({ from: 0n, to: owedRaw }, reaches)
  // A rest too small to have a price would still be a debt.
  const amountRaw = after(least) === null ? owedRaw : least
  return { amountRaw, healthAfterWad: after(amountRaw), reachesTarget: true }
}

/** The least that has to be supplied, or as much as there is room for; `null` when no amount of this token helps. */
export function amountToAdd(
  account: Account,
  way: { asset: Address; targetWad: bigint; roomRaw: bigint | null },
): WayAmount | null {
  const part = account.parts.find(({ asset }) => asset === way.asset)
  if (!part || !secures(part, account.rules) || part.thresholdBps === 0n || part.price === 0n) return null
  const mostRaw = way.roomRaw ?? MOST_RAW
  if (mostRaw <= 0n) return null
  const after = (amountRaw: bigint) =>
    healthWith(account, {
      asset: way.asset,
      change: (held) => ({ ...held, suppliedRaw: held.suppliedRaw + amountRaw }),
    })
  const reaches = (amountRaw: bigint) => isEnough(after(amountRaw), way.targetWad)
  let enough = 1n
  while (enough < mostRaw && !reaches(enough)) enough *= 2n
  if (enough > mostRaw) enough = mostRaw
  if (!reaches(enough)) {
    if (way.roomRaw === null) return null
    return { amountRaw: enough, healthAfterWad: after(enough), reachesTarget: false }
  }
  const amountRaw = lowestPassing({ from: enough / 2n, to: enough }, reaches)
  return { amountRaw, healthAfterWad: after(amountRaw), reachesTarget: true }
}

function isEnough(healthWad: bigint | null, targetWad: bigint): boolean {
  return healthWad === null || healthWad >= targetWad
}

function healthWith(account: Account, edit: { asset: Address; change: (part: Part) => Part }): bigint | null {
  const parts = account.parts.map((part) => (part.asset === edit.asset ? edit.change(part) : part))
  return sumUp(parts, account.rules).healthWad
}
