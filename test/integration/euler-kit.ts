import { createEuler, type EulerConfig } from '../../protocols/euler/index.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { Api } from '../../src/chain/api.ts'
import type { MemoryCache } from '../../src/chain/memory-cache.ts'
import { createTokens } from '../../src/chain/tokens.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import { ApiError } from '../../src/errors.ts'
import type { EulerDoubles, VaultAddresses } from '../chain/euler/doubles.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { memoryCache } from './cache-kit.ts'
import { lower } from './neverland-kit.ts'

/** Real requests without pacing: the failures of an Api, which is tested elsewhere. */
const plainApi: Pick<Api, 'fetch'> = {
  fetch:
    ({ signal }) =>
    async (input, init) => {
      let response: Response
      try {
        response = await fetch(input, { ...init, ...(signal && { signal }) })
      } catch {
        throw new ApiError('unreachable', { message: 'connection failed' })
      }
      if (response.status >= 500) throw new ApiError('unreachable', { message: `HTTP ${response.status}` })
      const text = await response.text()
      if (!/^\s*[[{]/.test(text)) throw new ApiError('bad-answer', { message: 'not JSON' })
      return new Response(text, {
        status: response.status,
        headers: { 'content-type': 'application/json' },
      })
    },
}

export interface EulerSetup extends Partial<EulerConfig> {
  readonly cache?: MemoryCache
}

/** Euler as the doubles on the local chain have it; without subgraph and Pyth unless they are given. */
export function eulerOf(
  { chain, euler }: { chain: LocalChain; euler: EulerDoubles },
  { cache = memoryCache(), ...config }: EulerSetup = {},
): LendingStrategy {
  return createEuler(
    {
      evc: lower(euler.evc),
      vaultFactory: lower(euler.factory),
      perspective: lower(euler.perspective),
      subgraphUrl: null,
      pythUrl: null,
      pyth: lower(euler.pyth),
      chainId: 143,
      ...config,
    },
    {
      cache,
      tokens: createTokens({ cache }),
      subgraphApi: plainApi,
      pythApi: plainApi,
      multicall: lower(chain.addresses.multicall3),
    },
  )
}

/** The position of an account, as discovery names it. */
export function eulerRef(where: {
  owner: string
  accountId?: number
  controller: VaultAddresses
  symbol?: string
}): PositionRef {
  const { accountId = 0, symbol = 'eUSDC-1' } = where
  const owner = lower(where.owner)
  const market = `${lower(where.controller.vault)}/${accountId}`
  return {
    protocol: 'euler',
    key: `euler:${market}:${owner}`,
    owner,
    market,
    marketName: `Euler ${symbol}${accountId === 0 ? '' : ` · account ${accountId}`}`,
  }
}
