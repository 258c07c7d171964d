import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import type { Discovery } from '../strategy.ts'
import type { Market, Markets } from './markets.ts'
import { readPositions } from './read.ts'

/** The identity of an account in one market. */
function positionRef(owner: Address, market: Market): PositionRef {
  return {
    protocol: 'neverland',
    key: `neverland:${market.id}:${owner}`,
    owner,
    market: market.id,
    marketName: market.name,
  }
}

/** Aave keeps one account per owner and market, so asking every market about every owner is complete. */
export async function discoverPositions(
  owners: readonly Address[],
  context: { markets: Markets; at: ChainReader },
): Promise<Discovery[]> {
  const { list, unresolved, registryRead } = context.markets
  const refs = owners.flatMap((owner) => list.map((market) => positionRef(owner, market)))
  const readings = await readPositions(refs, context)
  const marketGaps = [
    ...(unresolved.length > 0 ? [`${unresolved.length} Neverland market(s) do not answer`] : []),
    ...(registryRead ? [] : ['the list of Neverland markets could not be read']),
  ]
  return owners.map((_, ownerIndex) => {
    const found: PositionRef[] = []
    const gaps = [...marketGaps]
    for (let index = ownerIndex * list.length; index < (ownerIndex + 1) * list.length; index += 1) {
      const ref = refs[index]
      const reading = readings[index]
      if (!ref || !reading) continue
      if (reading.kind === 'ok') found.push(ref)
      if (reading.kind === 'unknown') gaps.push(`${ref.marketName}: ${reading.detail}`)
    }
    return gaps.length === 0
      ? { kind: 'complete', refs: found }
      : { kind: 'partial', refs: found, reason: gaps.join('; ') }
  })
}
