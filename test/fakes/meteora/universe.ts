/** A pool in the shape of the API's answers; `test/fakes/meteora/shape.ts` lists the fields. */
export interface FakePool {
  address: string
  name: string
  token_x: FakeToken
  token_y: FakeToken
  reserve_x: string
  reserve_y: string
  token_x_amount: number
  token_y_amount: number
  created_at: number
  reward_mint_x: string
  reward_mint_y: string
  pool_config: {
    bin_step: number
    base_fee_pct: number
    max_fee_pct: number
    protocol_fee_pct: number
    collect_fee_mode: number
  }
  dynamic_fee_pct: number
  tvl: number
  current_price: number
  apr: number
  apy: number
  has_farm: boolean
  farm_apr: number
  farm_apy: number
  volume: FakeWindows
  fees: FakeWindows
  protocol_fees: FakeWindows
  fee_tvl_ratio: FakeWindows
  cumulative_metrics: { volume: number; fees: number }
  is_blacklisted: boolean
  launchpad: string | null
  tags: string[]
}

export interface FakeToken {
  address: string
  name: string
  symbol: string
  decimals: number
  is_verified: boolean
  holders: number
  freeze_authority_disabled: boolean
  total_supply: number
  price: number
  market_cap: number
}

export type FakeWindows = Record<'30m' | '1h' | '2h' | '4h' | '12h' | '24h', number>

export const SOL = 'So11111111111111111111111111111111111111112'
export const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
const NO_REWARD = '11111111111111111111111111111111'
const DIGITS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** A Solana address made of a kind and a number. */
export function mintOf(number: number, kind = 'T'): string {
  let text = ''
  for (let rest = number; rest > 0; rest = Math.floor(rest / 58)) text = (DIGITS[rest % 58] ?? '') + text
  return kind + text.padStart(42, '1')
}

/** Numbers from 0 to 1 that are the same every time. */
export function createDice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export function aToken(change: Partial<FakeToken> = {}): FakeToken {
  return {
    address: SOL,
    name: 'Wrapped SOL',
    symbol: 'SOL',
    decimals: 9,
    is_verified: true,
    holders: 1_000_000,
    freeze_authority_disabled: true,
    total_supply: 1e9,
    price: 150,
    market_cap: 1.5e11,
    ...change,
  }
}

function usdc(): FakeToken {
  return aToken({
    address: USDC,
    name: 'USD Coin',
    symbol: 'USDC',
    freeze_authority_disabled: false,
    price: 1,
  })
}

/** The same rate in every window, `perDay` a fraction of `tvl`. */
function windowsOf(tvl: number, perDay: number): FakeWindows {
  const day = tvl * perDay
  return { '30m': day / 48, '1h': day / 24, '2h': day / 12, '4h': day / 6, '12h': day / 2, '24h': day }
}

export interface PoolPlan {
  readonly number: number
  readonly tvl: number
  readonly feesPerDay: number
  readonly createdAtMs: number
  readonly change?: Partial<FakePool>
}

/** A pool of SOL and USDC whose fees are the same in every window. `apr` and `apy` are as wrong as the real ones. */
export function aPool({ number, tvl, feesPerDay, createdAtMs, change = {} }: PoolPlan): FakePool {
  const fees = windowsOf(tvl, feesPerDay)
  const token_x = change.token_x ?? aToken()
  const token_y = change.token_y ?? usdc()
  return {
    address: mintOf(number, 'P'),
    name: `${token_x.symbol}-${token_y.symbol}`,
    token_x,
    token_y,
    reserve_x: mintOf(number, 'X'),
    reserve_y: mintOf(number, 'Y'),
    token_x_amount: tvl / 300,
    token_y_amount: tvl / 2,
    created_at: createdAtMs,
    reward_mint_x: NO_REWARD,
    reward_mint_y: NO_REWARD,
    pool_config: {
      bin_step: 10,
      base_fee_pct: 0.1,
      max_fee_pct: 0,
      protocol_fee_pct: 5,
      collect_fee_mode: 0,
    },
    dynamic_fee_pct: 0.12,
    tvl,
    current_price: 150,
    apr: feesPerDay * 100,
    apy: 2 ** 64,
    has_farm: false,
    farm_apr: 0,
    farm_apy: 0,
    volume: windowsOf(tvl, feesPerDay * 500),
    fees,
    protocol_fees: windowsOf(tvl, feesPerDay / 20),
    fee_tvl_ratio: windowsOf(100, feesPerDay),
    cumulative_metrics: { volume: tvl * 1000, fees: tvl },
    is_blacklisted: false,
    launchpad: null,
    tags: [],
    ...change,
  }
}

const HOUR_MS = 3_600_000
const TOKENS = 44_000

/** Very many pools with the real list's habits: nearly all dust, SOL in two thirds, a few tokens in most of the rest. */
export function aUniverse({
  count,
  seed,
  nowMs,
}: {
  count: number
  seed: number
  nowMs: number
}): FakePool[] {
  const dice = createDice(seed)
  return Array.from({ length: count }, (_, index) => {
    const quote = dice()
    // Popular tokens are in many pools.
    const rank = Math.floor(TOKENS ** dice())
    const token_x = aToken({
      address: mintOf(rank),
      name: `Token ${rank}`,
      symbol: `T${rank}`,
      is_verified: rank < 300,
      freeze_authority_disabled: dice() > 0.05,
    })
    const other = Math.floor(TOKENS ** dice())
    const token_y =
      quote < 0.68
        ? aToken()
        : quote < 0.9
          ? usdc()
          : aToken({
              address: mintOf(other),
              name: `Token ${other}`,
              symbol: `T${other}`,
              is_verified: other < 300,
            })
    // A tail as long as the real one: about four in a hundred hold 100 dollars, a few thousand hold 1,000.
    const tvl = dice() < 0.04 ? 100 * 10 ** (dice() ** 1.3 * 5) : 100 * dice()
    return aPool({
      number: index + 1,
      tvl,
      feesPerDay: 0.05 * dice() ** 3,
      createdAtMs: nowMs - HOUR_MS * Math.ceil(10_000 * dice()),
      change: { token_x, token_y },
    })
  })
}
