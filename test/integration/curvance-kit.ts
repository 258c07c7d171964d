import { createCurvance } from '../../protocols/curvance/index.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import { createCache, type MemoryCache } from '../../src/chain/memory-cache.ts'
import { createTokens } from '../../src/chain/tokens.ts'
import type { Address } from '../../src/domain/address.ts'
import type { OkReading, PositionRef, Reading } from '../../src/domain/position.ts'
import type { CurvanceDoubles, Where } from '../chain/curvance/doubles.ts'
import type { CurvanceMarketName } from '../chain/curvance/market-plan.ts'
import { lower } from './neverland-kit.ts'

export const WAD = 10n ** 18n

function memoryCache(): MemoryCache {
  return createCache({
    now: () => 0,
    maxEntries: 10_000,
    onError: (error) => {
      throw error
    },
  })
}

/** How the strategy under test reads: through the reader's double, or without any. */
export type Path = 'the ProtocolReader' | 'no reader'
export const PATHS: readonly Path[] = ['the ProtocolReader', 'no reader']

/** The strategy over the doubles of the local chain. */
export function curvanceOf(
  doubles: CurvanceDoubles,
  change: { path?: Path; reader?: Address | null; registry?: Address } = {},
): LendingStrategy {
  const { addresses } = doubles
  const reader = change.path === 'no reader' ? null : lower(addresses.reader)
  return createCurvance(
    {
      registry: change.registry ?? lower(addresses.registry),
      reader: change.reader === undefined ? reader : change.reader,
    },
    { tokens: createTokens({ cache: memoryCache() }) },
  )
}

/** The position of an owner in a market, as discovery names it. */
export function curvanceRef(
  doubles: CurvanceDoubles,
  { owner: holder, market }: { owner: string; market: CurvanceMarketName },
): PositionRef {
  const id = lower(doubles.addresses.markets[market].manager)
  const owner = lower(holder)
  return {
    protocol: 'curvance',
    key: `curvance:${id}:${owner}`,
    owner,
    market: id,
    marketName: `Curvance ${market}`,
  }
}

export function cTokenOf(doubles: CurvanceDoubles, { market, symbol }: Where): Address {
  const token = doubles.addresses.markets[market].tokens[symbol]
  if (!token) throw new Error(`${symbol} is not in ${market}`)
  return lower(token.cToken)
}

export function okReading(reading: Reading | undefined): OkReading {
  if (reading?.kind !== 'ok') throw new Error(`not read: ${JSON.stringify(reading)}`)
  return reading
}

export function healthOf(reading: Reading | undefined): bigint {
  const { health } = okReading(reading)
  if (health.noDebt) throw new Error('there is no debt')
  return health.healthWad
}

/** What the worked example is healthy by at $2. */
export const WORKED_HEALTH_WAD = 1_030_717_948_717_948_717n

/** 1000 shares at 1.01, 130 % soft, a margin of 0.5 %, and 1500 of debt. */
export async function openWorkedExample(
  doubles: CurvanceDoubles,
  { owner, wmonUsd }: { owner: string; wmonUsd: string },
): Promise<PositionRef> {
  const market = 'WMON/USDC'
  await doubles.setExchangeRate({ market, symbol: 'WMON', rateWad: (101n * WAD) / 100n })
  await doubles.setFeed({ symbol: 'WMON', lower: wmonUsd })
  await doubles.put({ market, symbol: 'WMON', entries: [{ owner, shares: 1000n * WAD, debt: 0n }] })
  await doubles.put({ market, symbol: 'USDC', entries: [{ owner, shares: 0n, debt: 1_500_000_000n }] })
  return curvanceRef(doubles, { owner, market })
}
