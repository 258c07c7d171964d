import type { Token } from '../../src/domain/detail.ts'
import type { OkReading } from '../../src/domain/position.ts'
import { WAD } from '../../src/domain/units.ts'
import type { Composition } from './account.ts'

const CLOSE_FACTOR_HEALTH_WAD = (95n * WAD) / 100n

/** Further facts for a person, the gravest first. */
export function notesFor(position: {
  reading: OkReading
  composition: Composition
  tokens: ReadonlyMap<string, Token>
  repaysItself: boolean
}): string[] {
  const { reading, composition, tokens } = position
  const { health, collateral } = reading
  const notes: string[] = []
  const isBadDebt = !health.noDebt && collateral.amount === 0n
  if (isBadDebt) {
    notes.push('Bad debt: nothing secures this debt any more, so its health stays 0 until it is repaid.')
  } else if (!health.noDebt && health.healthWad <= CLOSE_FACTOR_HEALTH_WAD) {
    notes.push(
      'At a health of 0.95 or less a liquidator may repay a whole debt at once, not only half of it.',
    )
  }
  for (const { reserve, owedStableRaw } of composition.holdings) {
    const symbol = tokens.get(reserve.asset)?.symbol ?? 'a token'
    if (reserve.paused || !reserve.active) {
      notes.push(`${symbol} is paused in this market: it can be neither supplied, withdrawn nor repaid now.`)
    } else if (reserve.frozen) {
      notes.push(
        `${symbol} is frozen in this market: it can be repaid and withdrawn, but not supplied or borrowed.`,
      )
    }
    if (owedStableRaw > 0n) notes.push(`Part of the ${symbol} debt was borrowed at a stable rate.`)
  }
  if (composition.unpriced.length > 0) {
    notes.push('Something else is deposited that secures nothing; its price cannot be read now.')
  }
  if (position.repaysItself && !health.noDebt) {
    notes.push('The owner has a self-repaying vault: the debt may shrink without a transaction of theirs.')
  }
  return notes
}
