import type { Call } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import type { Discovery } from '../strategy.ts'
import { managerAbi } from './abi.ts'
import { addressListOf } from './answers.ts'
import type { Market } from './markets.ts'
import { positionRef, type ReadContext } from './read.ts'

const MAX_ASSETS = 16

/**
 * Every manager is asked about every owner, so what is found is complete when all of them answer. The registry is asked in
 * the same breath which managers there are: nothing announces a new one, and a loan in it must not read as absent.
 */
export async function discoverPositions(
  owners: readonly Address[],
  { markets, at }: Omit<ReadContext, 'reader'>,
): Promise<Discovery[]> {
  const before = await markets.at(at)
  const old = [...before.byId.values()]
  const [listed, ...oldResults] = await at.call([markets.listCall, ...assetsCalls(owners, old)])
  const { byId, unresolved, registryRead } = await markets.learn(listed, at)
  const news = [...byId.values()].filter(({ id }) => !before.byId.has(id))
  const newResults = news.length > 0 ? await at.call(assetsCalls(owners, news)) : []
  const marketGaps = [
    ...(unresolved.length > 0 ? [`${unresolved.length} Curvance market(s) do not answer`] : []),
    ...(registryRead ? [] : ['the list of Curvance markets could not be read']),
  ]
  return owners.map((owner, index) => {
    const found: PositionRef[] = []
    const gaps = [...marketGaps]
    for (const { list, results } of [
      { list: old, results: oldResults },
      { list: news, results: newResults },
    ]) {
      list.forEach((market, place) => {
        const assets = addressListOf(results[index * list.length + place], MAX_ASSETS)
        if (assets === null) gaps.push(`${market.name} does not say what is in it`)
        else if (assets.length > 0) found.push(positionRef(owner, market))
      })
    }
    return gaps.length === 0
      ? { kind: 'complete', refs: found }
      : { kind: 'partial', refs: found, reason: gaps.join('; ') }
  })
}

function assetsCalls(owners: readonly Address[], markets: readonly Market[]): Call[] {
  return owners.flatMap((owner) =>
    markets.map(({ id: to }) => ({
      to,
      data: managerAbi.encodeFunctionData('assetsOf', [owner]),
      gas: 50_000,
    })),
  )
}
