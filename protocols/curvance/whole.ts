import type { Health, NoneReading, PositionRef, UnknownReading } from '../../src/domain/position.ts'
import type { Loan, LoanHealth } from './math.ts'
import { loanOf, type Part, type Parts } from './parts.ts'
import { type ReadContext, readPositions, readWithoutReader } from './read.ts'

/** One position with everything it consists of. */
export interface Whole {
  readonly kind: 'ok'
  readonly health: Health
  readonly parts: Parts
  readonly loan: Loan
  /** What the parts add up to; the same as `health` unless the ProtocolReader counts otherwise. */
  readonly counted: LoanHealth
  /** In the order of the loan's collateral and of its debts. */
  readonly collateral: readonly Part[]
  readonly debt: readonly Part[]
}

export async function readWhole(
  ref: PositionRef,
  context: ReadContext,
): Promise<Whole | NoneReading | UnknownReading> {
  const [[reading], [parts]] = await Promise.all([
    readPositions([ref], context),
    readWithoutReader([ref], context),
  ])
  if (reading?.kind !== 'ok') return reading ?? unknown('the position could not be read')
  if (parts?.kind === 'unknown') return parts
  if (parts?.kind !== 'ok') return unknown('the position could not be read')
  if (parts.parts.some(({ token }) => !token)) {
    return unknown('a token of this market does not tell its decimals')
  }
  const counted = loanOf(parts)
  if ('kind' in counted) return counted
  return {
    kind: 'ok',
    health: reading.health,
    parts,
    loan: counted.loan,
    counted: counted.health,
    collateral: parts.parts.filter(({ collateral }) => collateral.shares > 0n),
    debt: parts.parts.filter(({ debt }) => debt.balance > 0n),
  }
}

/** The tokens to add more of: what is there already; where nothing is, whatever the market takes and the account does not owe. */
export function addable({ collateral, parts }: Pick<Whole, 'collateral' | 'parts'>): readonly Part[] {
  if (collateral.length > 0) return collateral
  return parts.parts.filter((part) => part.debt.balance === 0n && part.collateral.reqSoftBps > 0n)
}

function unknown(detail: string): UnknownReading {
  return { kind: 'unknown', reason: 'decode', detail }
}
