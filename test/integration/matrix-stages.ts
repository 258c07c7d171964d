import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { Api } from '../../src/chain/api.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import type { CurvanceDoubles } from '../chain/curvance/doubles.ts'
import { accountOf, type EulerDoubles } from '../chain/euler/doubles.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import type { FakeEulerSubgraph } from '../fakes/euler-subgraph/server.ts'
import { readMorphoData } from '../fakes/morpho-api/follow-chain.ts'
import type { FakeMorphoApi } from '../fakes/morpho-api/index.ts'
import { curvanceOf, curvanceRef } from './curvance-kit.ts'
import { eulerOf, eulerRef } from './euler-kit.ts'
import { morphoOf, morphoRef } from './morpho-kit.ts'
import { lower, neverlandOf, refIn } from './neverland-kit.ts'

export const STAGE_NAMES = [
  'Neverland on real Aave',
  'Morpho on real Morpho',
  'Euler double',
  'Curvance double',
  'Curvance double without its reader',
] as const
export type StageName = (typeof STAGE_NAMES)[number]

export type Situation =
  | 'healthy'
  | 'warning'
  | 'liquidatable'
  | 'no debt'
  | 'dust'
  | 'the smallest dust'
  | 'debt without collateral'
  | 'nothing'

/** One protocol, and how a position gets into a situation there. */
export interface Stage {
  readonly strategy: LendingStrategy
  readonly open: (situation: Situation) => Promise<PositionRef>
  /** Of the collateral of every position above. */
  readonly failOracle: () => Promise<void>
  /** `null`: nobody indexes positions for it. */
  readonly indexer: Indexer | null
}

export interface Indexer {
  goDown(): Promise<void>
  /** It answers that there is nothing. */
  hide(): Promise<void>
  /** It says that there is a position which the chain does not have. */
  invent(ref: PositionRef): Promise<void>
}

export interface StageParts {
  readonly chain: LocalChain
  readonly euler: EulerDoubles
  readonly curvance: CurvanceDoubles
  readonly morphoApi: FakeMorphoApi
  readonly morphoUpstream: Api
  readonly subgraph: FakeEulerSubgraph
}

const CENT = 10n ** 16n

export function stageOf(name: StageName, parts: StageParts): Stage {
  switch (name) {
    case 'Neverland on real Aave':
      return neverlandStage(parts)
    case 'Morpho on real Morpho':
      return morphoStage(parts)
    case 'Euler double':
      return eulerStage(parts)
    case 'Curvance double':
      return curvanceStage(parts, 'the ProtocolReader')
    case 'Curvance double without its reader':
      return curvanceStage(parts, 'no reader')
  }
}

/** 1000 WMON at $4 with a threshold of 75 %. */
function neverlandStage({ chain }: StageParts): Stage {
  const supply = [{ asset: 'WMON', amount: '1000' }]
  const borrow = (amount: string) => [{ asset: 'USDC', amount }]
  async function openAt(loan: { debt: string; usd: string }): Promise<string> {
    const owner = await chain.openPosition({ supply, borrow: borrow(loan.debt) })
    await chain.setPrice({ asset: 'WMON', usd: loan.usd })
    return owner
  }
  const open: Record<Situation, () => Promise<string>> = {
    healthy: () => openAt({ debt: '1000', usd: '4' }),
    warning: () => openAt({ debt: '2500', usd: '4' }),
    liquidatable: () => openAt({ debt: '2500', usd: '3' }),
    'no debt': () => chain.openPosition({ supply }),
    // 0.00001 WMON, $0.00004.
    dust: () =>
      chain.openPosition({
        supply: [{ asset: 'WMON', amount: 10n ** 13n }],
        borrow: [{ asset: 'USDC', amount: 25n }],
      }),
    // Worth less than the smallest unit that the pool counts in.
    'the smallest dust': () => chain.openPosition({ supply, borrow: [{ asset: 'sMON', amount: 1n }] }),
    async 'debt without collateral'() {
      const owner = await openAt({ debt: '2500', usd: '0.5' })
      await chain.liquidate({ owner, collateral: 'WMON', debt: 'USDC', amount: 'max' })
      return owner
    },
    nothing: () => Promise.resolve(chain.newOwner()),
  }
  return {
    strategy: neverlandOf(chain),
    open: async (situation) => refIn(chain, { owner: await open[situation]() }),
    failOracle: () => chain.failOracle({ asset: 'WMON', market: 'main', failing: true }),
    indexer: null,
  }
}

/** 100 WMON at 4 USDC with an LLTV of 86 %. */
function morphoStage({ chain, morphoApi, morphoUpstream }: StageParts): Stage {
  const market = 'WMON-USDC'
  async function openAt(loan: { debt: string; price: string }): Promise<string> {
    const owner = await chain.openMorphoPosition({ market, collateral: '100', borrow: loan.debt })
    await chain.setMorphoPrice({ market, price: loan.price })
    return owner
  }
  const open: Record<Situation, () => Promise<string>> = {
    healthy: () => openAt({ debt: '100', price: '4' }),
    warning: () => openAt({ debt: '300', price: '4' }),
    liquidatable: () => openAt({ debt: '300', price: '3' }),
    'no debt': () => chain.openMorphoPosition({ market, collateral: '100' }),
    dust: () => chain.openMorphoPosition({ market, collateral: 10n ** 13n, borrow: 25n }),
    'the smallest dust': () => chain.openMorphoPosition({ market, collateral: 10n ** 12n, borrow: 2n }),
    async 'debt without collateral'() {
      const owner = await openAt({ debt: '300', price: '0.5' })
      const { collateral: seizedRaw } = await chain.morphoPosition({ market, owner })
      await chain.liquidateMorpho({ market, owner, seizedRaw })
      return owner
    },
    nothing: () => Promise.resolve(chain.newOwner()),
  }
  return {
    strategy: morphoOf(chain, { api: { url: morphoApi.url, upstream: morphoUpstream } }),
    open: async (situation) => morphoRef(chain, { owner: await open[situation](), market }),
    failOracle: () => chain.failMorphoOracle({ market, failing: true }),
    indexer: {
      goDown: () => morphoApi.set({ kind: 'down' }),
      hide: () => morphoApi.set({ kind: 'empty', list: 'marketPositions' }),
      async invent({ owner, market: marketId }) {
        const data = await readMorphoData(chain)
        const row = { marketId, user: owner, collateral: 10n ** 20n, borrowShares: 3n * 10n ** 14n }
        morphoApi.serve({
          ...data,
          positions: [...data.positions, { ...row, supplyShares: 0n, healthFactor: 1.1 }],
        })
      },
    },
  }
}

/** 1000 WMON at $4 with a liquidation LTV of 85 %. */
function eulerStage({ chain, euler, subgraph }: StageParts): Stage {
  const wmon = euler.vaults['eWMON-1']
  const controller = euler.vaults['eUSDC-1']
  async function openAt(loan: { debt: string | bigint; price?: string; amount?: bigint }): Promise<string> {
    const collateral = loan.amount === 0n ? [] : [{ vault: wmon, amount: loan.amount ?? '1000' }]
    const owner = await euler.openLoan({ controller, collateral, debt: loan.debt })
    await euler.setPrice({ vault: wmon, price: loan.price ?? '4' })
    subgraph.add({ account: accountOf(owner, 0), vault: controller.vault })
    return owner
  }
  const open: Record<Situation, () => Promise<string>> = {
    healthy: () => openAt({ debt: '1000' }),
    warning: () => openAt({ debt: '3000' }),
    liquidatable: () => openAt({ debt: '3000', price: '3' }),
    // The vault is still the lender of the account.
    'no debt': () => openAt({ debt: 0n }),
    dust: () => openAt({ debt: 25n, amount: 10n ** 13n }),
    'the smallest dust': () => openAt({ debt: 1n, amount: 1n }),
    'debt without collateral': () => openAt({ debt: '1000', amount: 0n }),
    async nothing() {
      const owner = chain.newOwner()
      await euler.write([{ to: euler.evc, double: 'EvcDouble', call: ['register', owner] }])
      return owner
    },
  }
  return {
    strategy: eulerOf({ chain, euler }, { subgraphUrl: subgraph.url }),
    open: async (situation) => eulerRef({ owner: await open[situation](), controller }),
    failOracle: () => euler.failOracle('silently'),
    indexer: {
      goDown: () => subgraph.stop(),
      hide: () => {
        subgraph.rows.clear()
        return Promise.resolve()
      },
      invent: ({ owner }) => {
        subgraph.add({ account: accountOf(owner, 0), vault: controller.vault })
        return Promise.resolve()
      },
    },
  }
}

/** 1000 shares of WMON at $2; the debt may be 10/13 of that. */
function curvanceStage({ chain, curvance }: StageParts, path: 'the ProtocolReader' | 'no reader'): Stage {
  const market = 'WMON/USDC'
  async function put(loan: { shares: bigint; debt: bigint; price?: string }): Promise<string> {
    const owner = lower(chain.newOwner())
    const { shares, debt, price = '2' } = loan
    await curvance.setFeed({ symbol: 'WMON', lower: price })
    await curvance.put({ market, symbol: 'WMON', entries: [{ owner, shares, debt: 0n }] })
    await curvance.put({ market, symbol: 'USDC', entries: [{ owner, shares: 0n, debt }] })
    return owner
  }
  const shares = 100_000n * CENT
  const open: Record<Situation, () => Promise<string>> = {
    healthy: () => put({ shares, debt: 500_000_000n }),
    warning: () => put({ shares, debt: 1_400_000_000n }),
    liquidatable: () => put({ shares, debt: 1_400_000_000n, price: '1.5' }),
    'no debt': () => put({ shares, debt: 0n }),
    dust: () => put({ shares: 10n ** 13n, debt: 12n }),
    'the smallest dust': () => put({ shares: 1n, debt: 1n }),
    'debt without collateral': () => put({ shares: 0n, debt: 1_000_000_000n }),
    nothing: () => Promise.resolve(chain.newOwner()),
  }
  return {
    strategy: curvanceOf(curvance, { path }),
    open: async (situation) => curvanceRef(curvance, { owner: await open[situation](), market }),
    failOracle: () => curvance.setFeed({ symbol: 'WMON', lower: '2', failing: true }),
    indexer: null,
  }
}
