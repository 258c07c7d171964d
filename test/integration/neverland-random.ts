import type { LocalChain } from '../chain/local-chain.ts'
import { createMarketActs, type MarketActs } from '../chain/market-acts.ts'
import type { NewPosition } from '../chain/positions.ts'

/** Repeatable chance (mulberry32). */
export function createChance(seed: number) {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, between: (low: number, high: number) => low + next() * (high - low) }
}

type Chance = ReturnType<typeof createChance>

export const MON_MODE = 1
export const DOLLAR_MODE = 2
/** An address of its own in the oracle, which follows the isolated market's feed of USDC. */
const DOLLAR_SOURCE = '0x00000000000000000000000000000000000d011a'

/** One category in which each asset keeps its price, and one whose price source replaces it. */
export async function setUpEModes(chain: LocalChain): Promise<MarketActs> {
  const acts = await createMarketActs(chain)
  const feed = chain.addresses.markets.isolated.reserves['USDC']?.aggregator ?? ''
  await acts.setSource(DOLLAR_SOURCE, feed)
  await acts.setEMode({
    id: MON_MODE,
    label: 'MON correlated',
    ltvBps: 9_000,
    liquidationThresholdBps: 9_300,
    assets: ['WMON', 'sMON'],
  })
  await acts.setEMode({
    id: DOLLAR_MODE,
    label: 'Dollars',
    ltvBps: 9_500,
    liquidationThresholdBps: 9_700,
    assets: ['USDC'],
    priceSource: DOLLAR_SOURCE,
  })
  return acts
}

const ASSETS = {
  WMON: { usd: 4, ltv: 0.7, digits: 18 },
  USDC: { usd: 1, ltv: 0.75, digits: 6 },
  WBTC: { usd: 60_000, ltv: 0.73, digits: 8 },
  sMON: { usd: 4.2, ltv: 0.65, digits: 18 },
} as const
type Asset = keyof typeof ASSETS
const NAMES = Object.keys(ASSETS) as Asset[]
const MODES: Record<number, readonly Asset[]> = { 0: NAMES, 1: ['WMON', 'sMON'], 2: ['USDC'] }
const MODE_LTV: Record<number, number> = { 1: 0.9, 2: 0.95 }

export interface RandomAccount extends NewPosition {
  readonly mode: number
}

/** One to four supplies of one cent to $50,000 each, debts of 1 to 97 % of what is allowed, a third of all in an e-mode. */
export function randomAccount(chance: Chance): RandomAccount {
  const mode = chance.next() < 1 / 3 ? 1 + Math.floor(chance.next() * 2) : 0
  const some = (from: readonly Asset[]): Asset[] => {
    const chosen = from.filter(() => chance.next() < 0.5)
    return chosen.length > 0 ? chosen : from.slice(0, 1)
  }
  // Floats may be a last digit off; digits past 15 are noise on purpose, so that amounts are not round.
  const amountOf = (asset: Asset, usd: number) => (usd / ASSETS[asset].usd).toFixed(ASSETS[asset].digits)
  let allowed = 0
  const supply = some(NAMES).flatMap((asset) => {
    const usd = 10 ** chance.between(-2, 4.7)
    const amount = amountOf(asset, usd)
    if (Number(amount) === 0) return []
    const ltv = MODES[mode]?.includes(asset) && mode > 0 ? MODE_LTV[mode] : ASSETS[asset].ltv
    allowed += Number(amount) * ASSETS[asset].usd * (ltv ?? 0)
    return [{ asset, amount }]
  })
  if (supply.length === 0) return { mode, supply: [{ asset: 'USDC', amount: '0.02' }] }
  const debts = some(MODES[mode] ?? NAMES)
  const borrow = debts.flatMap((asset) => {
    const amount = amountOf(asset, (allowed * chance.between(0.01, 0.97)) / debts.length)
    return chance.next() < 0.1 || Number(amount) * ASSETS[asset].usd < 1e-6 ? [] : [{ asset, amount }]
  })
  return { mode, supply, borrow }
}

/** Opens them all, each in its e-mode; resolves to the owners in the given order. */
export async function openAccounts(
  chain: LocalChain,
  setting: { acts: MarketActs; accounts: readonly RandomAccount[] },
): Promise<string[]> {
  const owners = setting.accounts.map(() => chain.newOwner())
  for (const mode of [MON_MODE, DOLLAR_MODE]) {
    const entering = owners.filter((_, index) => setting.accounts[index]?.mode === mode)
    await setting.acts.enterEMode(entering, mode)
  }
  await chain.openPositions(
    setting.accounts.map(({ supply, borrow }, index) => ({
      ...(supply && { supply }),
      ...(borrow && { borrow }),
      ...(owners[index] !== undefined && { owner: owners[index] }),
    })),
  )
  return owners
}
