import type { ChainReader } from '../../src/chain/chain-reader.ts'
import { symbolOf } from '../../src/chain/tokens.ts'
import { shortAddress } from '../../src/domain/address.ts'
import type { UnknownReading } from '../../src/domain/position.ts'
import { tokenAbi } from './abi.ts'
import type { Market } from './markets.ts'
import { readPrices } from './prices.ts'
import { listAssets } from './reserves.ts'

const SYMBOL = tokenAbi.encodeFunctionData('symbol')

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
  const assets = (await listAssets(market, at)) ?? []
  const prices = await readPrices({ oracle: market.oracle, assets }, at)
  const failing = assets.filter((asset) => (prices.get(asset) ?? 0n) === 0n)
  if (failing.length === 0) return []
  const results = await at.call(failing.map((to) => ({ to, data: SYMBOL })))
  return failing.map((asset, index) => symbolOf(results[index]) ?? shortAddress(asset))
}
