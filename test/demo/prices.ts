import { formatUnits, parseUnits } from 'ethers'
import type { Bed } from '../bed/bed.ts'
import { CURVANCE_PRICES } from '../chain/curvance/market-plan.ts'
import type { MorphoMarketName } from '../chain/morpho/addresses.ts'
import { MORPHO_MARKET_PLANS } from '../chain/morpho/market-plan.ts'

/** Prices of tokens, the same on all four protocols. A token is named by its symbol as on the local chain. */
export interface Prices {
  set(asset: string, usd: string): Promise<void>
  /** -20 takes a fifth off. */
  move(asset: string, percent: number): Promise<void>
  /** Euler's doubles share one oracle, so there all prices fail together. */
  fail(asset: string, failing: boolean): Promise<void>
  /** In dollars. */
  of(asset: string): Promise<string>
}

const USD_DECIMALS = 8
const RATIO_DECIMALS = 18

export function createPrices({ chain, euler, curvance }: Pick<Bed, 'chain' | 'euler' | 'curvance'>): Prices {
  const morphoMarkets = Object.entries(MORPHO_MARKET_PLANS) as [
    MorphoMarketName,
    (typeof MORPHO_MARKET_PLANS)[MorphoMarketName],
  ][]
  const marketsWith = (asset: string) =>
    morphoMarkets.filter(([, { collateral, loan }]) => [collateral, loan].includes(asset))

  async function of(asset: string): Promise<string> {
    return formatUnits(await chain.price(asset), USD_DECIMALS)
  }

  async function set(asset: string, usd: string): Promise<void> {
    await chain.setPrice({ asset, usd })
    for (const [market, { collateral, loan }] of marketsWith(asset)) {
      const [worth, each] = await Promise.all([chain.price(collateral), chain.price(loan)])
      const ratio = each === 0n ? 0n : (worth * 10n ** BigInt(RATIO_DECIMALS)) / each
      await chain.setMorphoPrice({ market, price: formatUnits(ratio, RATIO_DECIMALS) })
    }
    const vault = Object.values(euler.vaults).find(
      (one) => one.asset === chain.addresses.markets.main.reserves[asset]?.token,
    )
    if (vault) await euler.setPrice({ vault, price: usd })
    if (asset in CURVANCE_PRICES) await curvance.setFeed({ symbol: asset, lower: usd })
  }

  return {
    of,
    set,
    async move(asset, percent) {
      const now = parseUnits(await of(asset), USD_DECIMALS)
      const next = (now * BigInt(10_000 + Math.round(percent * 100))) / 10_000n
      await set(asset, formatUnits(next, USD_DECIMALS))
    },
    async fail(asset, failing) {
      const usd = await of(asset).catch(() => undefined)
      await chain.failOracle({ asset, failing })
      for (const [market] of marketsWith(asset)) await chain.failMorphoOracle({ market, failing })
      await euler.failOracle(failing ? 'silently' : 'no')
      const known = usd ?? (await of(asset))
      if (asset in CURVANCE_PRICES) await curvance.setFeed({ symbol: asset, lower: known, failing })
    },
  }
}
