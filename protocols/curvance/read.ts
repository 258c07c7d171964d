import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { Health, PositionRef, Reading } from '../../src/domain/position.ts'
import type { Market, Markets } from './markets.ts'
import { isLiquidatable } from './math.ts'
import { loanOf, type PartsAnswer, readParts } from './parts.ts'
import type { ProtocolReader, ReaderAnswer } from './reader.ts'

export interface ReadContext {
  readonly registry: Address
  readonly markets: Markets
  readonly reader: ProtocolReader
  readonly at: ChainReader
}

/** Everything is counted in dollars with 18 decimals. */
export const USD_DECIMALS = 18

/** One position per account and market manager: the health covers all that the account has in that market. */
export function positionRef(owner: Address, market: Market): PositionRef {
  return {
    protocol: 'curvance',
    key: `curvance:${market.id}:${owner}`,
    owner,
    market: market.id,
    marketName: market.name,
  }
}

/**
 * Asks the ProtocolReader while it is the one that is known here. Where it is not, or where its answer for a position cannot be
 * used, that position is put together from the market's own contracts in the same read.
 */
export async function readPositions(refs: readonly PositionRef[], context: ReadContext): Promise<Reading[]> {
  const { reader, at } = context
  const fine = (await reader.fault(at)) === null
  const answers = fine ? await reader.read(refs, at) : refs.map(() => null)
  const rest = refs.filter((_, index) => !settles(answers[index] ?? null))
  const parts = await readWithoutReader(rest, context)
  const byKey = new Map(rest.map((ref, index) => [ref.key, parts[index]]))
  return refs.map((ref, index) => {
    const answer = answers[index] ?? null
    if (settles(answer)) return answer.kind === 'ok' ? fromReader(answer, at) : answer
    return fromParts(byKey.get(ref.key), at)
  })
}

export async function readWithoutReader(
  refs: readonly PositionRef[],
  { registry, markets, at }: Omit<ReadContext, 'reader'>,
): Promise<PartsAnswer[]> {
  if (refs.length === 0) return []
  const { byId } = await markets.at(
    at,
    refs.map((ref) => ref.market),
  )
  const positions = refs.map((ref) => ({ ref, market: byId.get(ref.market) }))
  return await readParts(positions, { registry, at })
}

/** A worth of zero may be nothing, dust or a price of zero: only the amounts themselves tell. */
function settles<T extends Awaited<ReturnType<ProtocolReader['read']>>[number]>(
  answer: T,
): answer is NonNullable<T> {
  if (answer === null) return false
  return answer.kind === 'unknown' || (answer.collateralUsdWad > 0n && answer.debtUsdWad > 0n)
}

function fromReader({ healthWad, collateralUsdWad, debtUsdWad }: ReaderAnswer, at: ChainReader): Reading {
  const health = healthOf(debtUsdWad === 0n ? null : healthWad)
  return reading({ health, collateralUsdWad, debtUsdWad }, at)
}

function fromParts(parts: PartsAnswer | undefined, at: ChainReader): Reading {
  if (!parts) return { kind: 'unknown', reason: 'decode', detail: 'the position could not be read' }
  if (parts.kind === 'unknown') return parts
  if (parts.kind === 'empty') return { kind: 'none', block: at.block, endpoint: at.endpoint }
  const counted = loanOf(parts)
  if ('kind' in counted) return counted
  const { healthWad, collateralUsdWad, debtUsdWad } = counted.health
  return reading({ health: healthOf(healthWad), collateralUsdWad, debtUsdWad }, at)
}

/** `null`: no debt. */
function healthOf(healthWad: bigint | null): Health {
  return healthWad === null
    ? { noDebt: true }
    : { noDebt: false, healthWad, liquidatable: isLiquidatable(healthWad) }
}

function reading(
  values: { health: Health; collateralUsdWad: bigint; debtUsdWad: bigint },
  at: ChainReader,
): Reading {
  return {
    kind: 'ok',
    health: values.health,
    collateral: { amount: values.collateralUsdWad, decimals: USD_DECIMALS },
    debt: { amount: values.debtUsdWad, decimals: USD_DECIMALS },
    unit: 'USD',
    block: at.block,
    endpoint: at.endpoint,
  }
}
