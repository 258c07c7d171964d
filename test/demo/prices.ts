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
  fail(asset: string, on: boolean): Promise<void>
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

  // A failing oracle does not tell its price, so the last one is kept.
  const known = new Map<string, string>()
  const failing = new Set<string>()

  async function of(asset: string): Promise<string> {
    const usd = known.get(asset) ?? formatUnits(await chain.price(asset), USD_DECIMALS)
    known.set(asset, usd)
    return usd
  }

  async function setCurvance(asset: string): Promise<void> {
    if (!(asset in CURVANCE_PRICES)) return
    await curvance.setFeed({ symbol: asset, lower: await of(asset), failing: failing.has(asset) })
  }

  async function set(asset: string, usd: string): Promise<void> {
    await chain.setPrice({ asset, usd })
    known.set(asset, usd)
    for (const [market, { collateral, loan }] of marketsWith(asset)) {
      const worth = parseUnits(await of(collateral), USD_DECIMALS)
      const each = parseUnits(await of(loan), USD_DECIMALS)
      const ratio = each === 0n ? 0n : (worth * 10n ** BigInt(RATIO_DECIMALS)) / each
      await chain.setMorphoPrice({ market, price: formatUnits(ratio, RATIO_DECIMALS) })
    }
    const vault = Object.values(euler.vaults).find(
      (one) => one.asset === chain.addresses.markets.main.reserves[asset]?.token,
    )
    if (vault) await euler.setPrice({ vault, price: usd })
    await setCurvance(asset)
  }

  return {
    of,
    set,
    async move(asset, percent) {
      const now = parseUnits(await of(asset), USD_DECIMALS)
      const next = (now * BigInt(10_000 + Math.round(percent * 100))) / 10_000n
      await set(asset, formatUnits(next, USD_DECIMALS))
    },
    async fail(asset, on) {
      await of(asset)
      if (on) failing.add(asset)
      else failing.delete(asset)
      await chain.failOracle({ asset, failing: on })
      for (const [market, { collateral, loan }] of marketsWith(asset)) {
        await chain.failMorphoOracle({ market, failing: failing.has(collateral) || failing.has(loan) })
      }
      await euler.failOracle(failing.size > 0 ? 'silently' : 'no')
      await setCurvance(asset)
    },
  }
}
