import type { CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import { decodeWords, encodeAddressCall } from '../../src/chain/words.ts'
import type { Address } from '../../src/domain/address.ts'
import type { PositionRef, Reading, UnknownReading } from '../../src/domain/position.ts'
import { MAX_UINT256, WAD } from '../../src/domain/units.ts'
import { DecodeError } from '../../src/errors.ts'
import { GET_USER_ACCOUNT_DATA } from './abi.ts'
import type { BaseCurrency } from './base-currency.ts'
import type { Market, Markets } from './markets.ts'
import { explainRevert } from './oracle-fault.ts'

/** Reads accounts of known markets: health factor, collateral and debt exactly as the pool says. */
export async function readPositions(
  refs: readonly PositionRef[],
  context: { markets: Markets; at: ChainReader },
): Promise<Reading[]> {
  const { markets, at } = context
  const byId = new Map(markets.list.map((market) => [market.id as string, market]))
  const known = refs.flatMap((ref) => {
    const market = byId.get(ref.market)
    return market ? [{ ref, market }] : []
  })
  const results = await at.call(known.map(({ ref, market }) => accountCall(ref.owner, market)))
  const readings = new Map<PositionRef, Reading>()
  const reverted: { ref: PositionRef; market: Market }[] = []
  known.forEach((entry, index) => {
    const result = results[index]
    if (result?.ok) readings.set(entry.ref, decodeAccount(result, { at, base: entry.market.base }))
    else reverted.push(entry)
  })
  const reasons = await explainRevert(new Set(reverted.map(({ market }) => market)), at)
  for (const { ref, market } of reverted) {
    readings.set(ref, reasons.get(market) ?? unknown('decode', 'the pool gave no answer'))
  }
  return refs.map(
    (ref) =>
      readings.get(ref) ?? unknown('decode', `market ${ref.marketName} is not known, or does not answer`),
  )
}

export function accountCall(owner: Address, market: Market): { to: Address; data: string } {
  return { to: market.pool, data: encodeAddressCall(GET_USER_ACCOUNT_DATA, owner) }
}

/** `getUserAccountData`, word by word. Anything that is not that shape, or contradicts itself, is unknown. */
export function decodeAccount(
  result: CallResult,
  { at, base }: { at: Pick<ChainReader, 'block' | 'endpoint'>; base: BaseCurrency },
): Reading {
  let words: bigint[]
  try {
    words = decodeWords(result.data, 6)
  } catch (error) {
    if (error instanceof DecodeError) return unknown('decode', `account data: ${error.message}`)
    throw error
  }
  const [collateralBase = 0n, debtBase = 0n, , , , healthWad = 0n] = words
  if ((debtBase === 0n) !== (healthWad === MAX_UINT256)) {
    return unknown('decode', 'account data contradicts itself: debt and health do not fit')
  }
  if (collateralBase === 0n && debtBase === 0n)
    return { kind: 'none', block: at.block, endpoint: at.endpoint }
  return {
    kind: 'ok',
    // Aave's own rule: liquidatable strictly below 1.0.
    health: debtBase === 0n ? { noDebt: true } : { noDebt: false, healthWad, liquidatable: healthWad < WAD },
    collateral: { amount: collateralBase, decimals: base.decimals },
    debt: { amount: debtBase, decimals: base.decimals },
    unit: base.unit,
    block: at.block,
    endpoint: at.endpoint,
  }
}

function unknown(reason: UnknownReading['reason'], detail: string): UnknownReading {
  return { kind: 'unknown', reason, detail }
}
