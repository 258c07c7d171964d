import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { UnknownReading } from '../../src/domain/position.ts'
import { oracleAbi, poolAbi, tokenAbi } from './abi.ts'
import { decodeFirst, type Market } from './markets.ts'

const MAX_RESERVES = 128

/**
 * Why account reads of these markets revert. In Aave v3 that is nearly always a price source: each reserve's price is asked
 * for, and the ones that fail are named. Only called after a revert, so the usual read stays one call.
 */
export async function explainRevert(
  markets: ReadonlySet<Market>,
  at: ChainReader,
): Promise<Map<Market, UnknownReading>> {
  const reasons = new Map<Market, UnknownReading>()
  for (const market of markets) {
    const failing = await failingPrices(market, at)
    reasons.set(
      market,
      failing.length > 0
        ? {
            kind: 'unknown',
            reason: 'oracle',
            detail: `price oracle of ${failing.join(', ')} does not answer`,
          }
        : { kind: 'unknown', reason: 'decode', detail: 'the pool refused the read' },
    )
  }
  return reasons
}

async function failingPrices(market: Market, at: ChainReader): Promise<string[]> {
  const [list] = await at.call([{ to: market.pool, data: poolAbi.encodeFunctionData('getReservesList') }])
  const reserves = decodeFirst(poolAbi, { name: 'getReservesList', result: list })
  if (!Array.isArray(reserves)) return []
  const tokens = reserves
    .filter((token): token is `0x${string}` => typeof token === 'string')
    .slice(0, MAX_RESERVES)
  const results = await at.call([
    ...tokens.map((token) => ({
      to: market.oracle,
      data: oracleAbi.encodeFunctionData('getAssetPrice', [token]),
    })),
    ...tokens.map((token) => ({ to: token, data: tokenAbi.encodeFunctionData('symbol') })),
  ])
  return tokens.flatMap((token, index) => {
    const price = decodeFirst(oracleAbi, { name: 'getAssetPrice', result: results[index] })
    if (typeof price === 'bigint' && price > 0n) return []
    const symbol = decodeFirst(tokenAbi, { name: 'symbol', result: results[tokens.length + index] })
    return [typeof symbol === 'string' && symbol !== '' ? symbol : token.slice(0, 10)]
  })
}
