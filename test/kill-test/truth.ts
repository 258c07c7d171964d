import type { LocalChain } from '../chain/local-chain.ts'
import type { Loan } from './town.ts'

/** How bad it is, by the contracts' own numbers and the lines that were asked for. */
export type Depth = 0 | 1 | 2 | 3

const WAD = 10n ** 18n
const ORACLE_SCALE = 10n ** 36n
const WARNING_WAD = (WAD * 14n) / 10n
const CRITICAL_WAD = (WAD * 11n) / 10n

/** On the line counts as under it. */
export function depthOf(healthWad: bigint): Depth {
  if (healthWad < WAD) return 3
  if (healthWad <= CRITICAL_WAD) return 2
  return healthWad <= WARNING_WAD ? 1 : 0
}

/** The same where a level is not left before health is clear of its line by a tenth of the line's distance to 1. */
export function heldDepthOf(healthWad: bigint): Depth {
  if (healthWad < WAD) return 3
  if (healthWad < CRITICAL_WAD + (CRITICAL_WAD - WAD) / 10n) return 2
  return healthWad < WARNING_WAD + (WARNING_WAD - WAD) / 10n ? 1 : 0
}

/** Health of a loan at the head: the pool's own answer, or Morpho's stored integers put together as its `_isHealthy` does. */
export async function healthOf(chain: LocalChain, { protocol, owner }: Loan): Promise<bigint> {
  if (protocol === 'Neverland') return (await chain.accountData('main', owner)).healthFactorWad
  const name = 'WMON-USDC'
  const [position, market, priceRaw] = await Promise.all([
    chain.morphoPosition({ market: name, owner }),
    chain.morphoAccruedMarket(name),
    chain.morphoPriceRaw(name),
  ])
  const { lltv } = chain.addresses.morpho.markets[name]
  const assets = market.totalBorrowAssets + 1n
  const shares = market.totalBorrowShares + 10n ** 6n
  const debt = (position.borrowShares * assets + shares - 1n) / shares
  const mayOwe = (((position.collateral * priceRaw) / ORACLE_SCALE) * lltv) / WAD
  return debt === 0n ? 1_000n * WAD : (mayOwe * WAD) / debt
}

/** The price of WMON on both protocols. */
export async function setPrice(chain: LocalChain, usd: string): Promise<void> {
  await chain.setPrice({ asset: 'WMON', usd })
  await chain.setMorphoPrice({ market: 'WMON-USDC', price: usd })
}
