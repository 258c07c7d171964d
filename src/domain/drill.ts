import type { PositionRef } from './position.ts'

/** The market of a loan that exists only for `/drill`. No contract has this name. */
export const DRILL_MARKET = 'drill'

/** Whether a loan is a shadow made for an exercise: everything told about it is marked DRILL. */
export function isDrill(ref: Pick<PositionRef, 'market'>): boolean {
  return ref.market === DRILL_MARKET
}
