import type { CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import { poolAbi } from './abi.ts'
import { decodeFirst, type Market } from './markets.ts'
import type { Reserve } from './reserves.ts'
import { wordOf, wordsOf } from './words-of.ts'

/** A category of correlated assets with a threshold of its own. */
export interface EMode {
  readonly label: string
  readonly thresholdBps: bigint
  /** Its price counts for every asset of the category; `null` when each has its own. */
  readonly priceSource: Address | null
  readonly covers: (reserve: Reserve) => boolean
}

const MAX_LABEL = 48
const GETTERS = [
  'getEModeCategoryData',
  'getEModeCategoryCollateralBitmap',
  'getEModeCategoryCollateralConfig',
  'getEModeCategoryLabel',
] as const

/**
 * The category in either form Aave has given it: up to v3.1 each reserve names its one category, since v3.2 each category
 * has a bitmap of reserves. `undefined` when the pool tells neither.
 */
export async function readEMode(
  context: { market: Market; category: bigint },
  at: ChainReader,
): Promise<EMode | undefined> {
  const { market, category } = context
  const results = await at.call(
    GETTERS.map((name) => ({ to: market.pool, data: poolAbi.encodeFunctionData(name, [category]) })),
  )
  return decodeEMode(category, results)
}

export function decodeEMode(category: bigint, results: readonly CallResult[]): EMode | undefined {
  const [legacy, bitmapResult, config, label] = results
  const bitmap = wordOf(bitmapResult)
  const thresholdBps = wordsOf(config, 3)?.[1]
  if (bitmap !== undefined || thresholdBps !== undefined) {
    if (bitmap === undefined || thresholdBps === undefined) return undefined
    if (bitmap >> 128n !== 0n || thresholdBps >> 16n !== 0n) return undefined
    return {
      label: labelOf(decodeFirst(poolAbi, { name: 'getEModeCategoryLabel', result: label }), category),
      thresholdBps,
      priceSource: null,
      covers: ({ id }) => ((bitmap >> id) & 1n) === 1n,
    }
  }
  const fields = decodeFirst(poolAbi, { name: 'getEModeCategoryData', result: legacy })
  if (!Array.isArray(fields)) return undefined
  const [, threshold, , source, name] = fields as unknown[]
  if (typeof threshold !== 'bigint' || typeof source !== 'string') return undefined
  return {
    label: labelOf(name, category),
    thresholdBps: threshold,
    priceSource: BigInt(source) === 0n ? null : (source.toLowerCase() as Address),
    covers: (reserve) => reserve.eModeCategory === category,
  }
}

function labelOf(name: unknown, category: bigint): string {
  const shown = typeof name === 'string' ? name.trim().slice(0, MAX_LABEL) : ''
  return shown === '' ? `E-Mode ${category}` : shown
}
