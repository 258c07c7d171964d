import type { Address } from '../../src/domain/address.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import type { Discovery } from '../strategy.ts'
import { managerAbi } from './abi.ts'
import { addressListOf } from './answers.ts'
import { positionRef, type ReadContext } from './read.ts'

const MAX_ASSETS = 16

/** Every manager is asked about every owner, so what is found is complete when all of them answer. */
export async function discoverPositions(
  owners: readonly Address[],
  { markets, at }: Omit<ReadContext, 'reader'>,
): Promise<Discovery[]> {
  const { byId, unresolved, registryRead } = await markets.at(at)
  const list = [...byId.values()]
  const results = await at.call(
    owners.flatMap((owner) =>
      list.map(({ id: to }) => ({
        to,
        data: managerAbi.encodeFunctionData('assetsOf', [owner]),
        gas: 50_000,
      })),
    ),
  )
  const marketGaps = [
    ...(unresolved.length > 0 ? [`${unresolved.length} Curvance market(s) do not answer`] : []),
    ...(registryRead ? [] : ['the list of Curvance markets could not be read']),
  ]
  return owners.map((owner, ownerIndex) => {
    const found: PositionRef[] = []
    const gaps = [...marketGaps]
    list.forEach((market, index) => {
      const assets = addressListOf(results[ownerIndex * list.length + index], MAX_ASSETS)
      if (assets === null) gaps.push(`${market.name} does not say what is in it`)
      else if (assets.length > 0) found.push(positionRef(owner, market))
    })
    return gaps.length === 0
      ? { kind: 'complete', refs: found }
      : { kind: 'partial', refs: found, reason: gaps.join('; ') }
  })
}
