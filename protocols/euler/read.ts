import type { CallResult } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { Health, NoneReading, PositionRef, Reading, UnknownReading } from '../../src/domain/position.ts'
import { WAD } from '../../src/domain/units.ts'
import { type Place, placeOf, positionRef } from './accounts.ts'
import { decoded, decodeLiquidity, type Liquidity } from './decode.ts'
import { type Fault, faultOf } from './faults.ts'
import { type FreshContext, readWithFreshPrices } from './fresh-prices.ts'
import { liquidityCall, readControllers } from './search.ts'
import type { Vault, Vaults } from './vaults.ts'

export interface ReadContext extends FreshContext {
  readonly vaults: Vaults
}

/** A ref with the place it names. */
export interface Asked {
  readonly ref: PositionRef
  readonly place: Place
}

/** Reads positions from the chain alone: one call each, and for those with an old price a second one. */
export async function readPositions(refs: readonly PositionRef[], context: ReadContext): Promise<Reading[]> {
  const places = refs.map(placeOf)
  const asked = refs.flatMap((ref, index) => {
    const place = places[index]
    return place ? [{ ref, place }] : []
  })
  const [vaults, first] = await Promise.all([
    context.vaults([...new Set(asked.map(({ place }) => place.controller))], context.at),
    context.at.call(asked.map(({ place }) => liquidityCall(place))),
  ])
  const results = await retryStale(
    asked.map(({ place }, index) => ({ place, result: first[index] })),
    context,
  )
  const moved = await whereTo(
    asked.filter((_, index) => faultIn(results[index])?.kind === 'not-controller'),
    context,
  )
  const readings = new Map<PositionRef, Reading>()
  asked.forEach(({ ref, place }, index) => {
    const vault = vaults.get(place.controller)
    readings.set(ref, moved.get(ref) ?? readingOf({ result: results[index], vault }, context))
  })
  return refs.map(
    (ref) => readings.get(ref) ?? unknown('decode', 'this is not a position that Euler can have'),
  )
}

/** The contract's own comparison: equal values can already be liquidated. Floor of the ratio. */
export function healthOf({ collateralValue, liabilityValue }: Liquidity): Health {
  if (liabilityValue === 0n) return { noDebt: true }
  return {
    noDebt: false,
    healthWad: (collateralValue * WAD) / liabilityValue,
    liquidatable: collateralValue <= liabilityValue,
  }
}

function readingOf(
  { result, vault }: { result: CallResult | undefined; vault: Vault | undefined },
  context: ReadContext,
): Reading {
  const fault = faultIn(result)
  if (fault?.kind === 'no-liability') return none(context)
  if (fault?.kind === 'unreadable') return fault.reading
  const liquidity = decoded(result, decodeLiquidity)
  if (!liquidity) return unknown('decode', 'the answer of the vault cannot be read')
  if (!vault) return unknown('decode', 'the vault could not be read')
  const { unit, unitDecimals: decimals } = vault
  return {
    kind: 'ok',
    health: healthOf(liquidity),
    collateral: { amount: liquidity.collateralValue, decimals },
    collateralNote: 'weighed',
    debt: { amount: liquidity.liabilityValue, decimals },
    unit,
    block: context.at.block,
    endpoint: context.at.endpoint,
  }
}

/** The same results, with a second try for those that failed because a price is old. */
async function retryStale(
  asked: readonly { place: Place; result: CallResult | undefined }[],
  context: ReadContext,
): Promise<(CallResult | undefined)[]> {
  const stale = asked.flatMap(({ place, result }, index) => {
    const fault = faultIn(result)
    return fault?.kind === 'unreadable' && fault.stale
      ? [{ index, loan: place, read: liquidityCall(place) }]
      : []
  })
  const fresh = await readWithFreshPrices(stale, context)
  const second = new Map(stale.map(({ index }, position) => [index, fresh[position]]))
  return asked.map(({ result }, index) => {
    const retried = second.get(index)
    return retried?.ok ? retried : result
  })
}

/** What became of loans whose vault no longer is the lender of the account. */
export async function whereTo(
  asked: readonly Asked[],
  context: ReadContext,
): Promise<Map<PositionRef, NoneReading | UnknownReading>> {
  const controllers = await readControllers(
    asked.map(({ place }) => place.account),
    context,
  )
  const vaults = await context.vaults([...new Set(controllers.flatMap((list) => list ?? []))], context.at)
  function answer({ ref, place }: Asked, lenders: readonly Address[] | null): NoneReading | UnknownReading {
    if (!lenders) return unknown('decode', 'it is not known which vault the account borrows from now')
    const [lender, another] = lenders
    if (another || lender === place.controller) {
      return unknown('decode', 'the vault and the vault connector disagree about who lends')
    }
    if (!lender) return none(context)
    const vault = vaults.get(lender)
    if (!vault) return unknown('decode', 'the vault that the debt moved to could not be read')
    const { accountId } = place
    return { ...none(context), movedTo: positionRef({ owner: ref.owner, accountId }, vault) }
  }
  return new Map(asked.map((one, index) => [one.ref, answer(one, controllers[index] ?? null)]))
}

export function faultIn(result: CallResult | undefined): Fault | null {
  return result && !result.ok ? faultOf(result.data) : null
}

export function none({ at }: Pick<ReadContext, 'at'>): NoneReading {
  return { kind: 'none', block: at.block, endpoint: at.endpoint }
}

export function unknown(reason: UnknownReading['reason'], detail: string): UnknownReading {
  return { kind: 'unknown', reason, detail }
}
