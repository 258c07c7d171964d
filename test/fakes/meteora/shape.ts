/** Field names and types of the API's answers as its official description (0.1.0) has them, in this project's own words. */
export type Kind =
  | 'text'
  | 'number'
  | 'whole'
  | 'flag'
  | 'flag or nothing'
  | 'text or nothing'
  | 'whole or nothing'
export interface Shape {
  readonly [field: string]: Kind | Shape | readonly [Kind | Shape]
}

const WINDOWS: Shape = {
  '30m': 'number',
  '1h': 'number',
  '2h': 'number',
  '4h': 'number',
  '12h': 'number',
  '24h': 'number',
}

const TOKEN: Shape = {
  address: 'text',
  name: 'text',
  symbol: 'text',
  decimals: 'whole',
  is_verified: 'flag',
  holders: 'whole',
  freeze_authority_disabled: 'flag',
  total_supply: 'number',
  price: 'number',
  market_cap: 'number',
}

const POOL: Shape = {
  address: 'text',
  name: 'text',
  token_x: TOKEN,
  token_y: TOKEN,
  reserve_x: 'text',
  reserve_y: 'text',
  token_x_amount: 'number',
  token_y_amount: 'number',
  created_at: 'whole',
  reward_mint_x: 'text',
  reward_mint_y: 'text',
  pool_config: {
    bin_step: 'whole',
    base_fee_pct: 'number',
    max_fee_pct: 'number',
    protocol_fee_pct: 'number',
    collect_fee_mode: 'whole',
  },
  dynamic_fee_pct: 'number',
  tvl: 'number',
  current_price: 'number',
  apr: 'number',
  apy: 'number',
  has_farm: 'flag',
  farm_apr: 'number',
  farm_apy: 'number',
  volume: WINDOWS,
  fees: WINDOWS,
  protocol_fees: WINDOWS,
  fee_tvl_ratio: WINDOWS,
  cumulative_metrics: { volume: 'number', fees: 'number' },
  is_blacklisted: 'flag',
  launchpad: 'text or nothing',
  tags: ['text'],
}

export const POOLS_ANSWER: Shape = {
  total: 'whole',
  pages: 'whole',
  current_page: 'whole',
  page_size: 'whole',
  data: [POOL],
}

/** Only the fields that the double serves. */
export const PORTFOLIO_ANSWER: Shape = {
  page: 'whole',
  pageSize: 'whole',
  hasNext: 'flag',
  totalCount: 'whole',
  totalPositions: 'whole',
  pools: [
    {
      poolAddress: 'text',
      binStep: 'whole',
      tokenX: 'text',
      tokenY: 'text',
      tokenXMint: 'text',
      tokenYMint: 'text',
      balances: 'text',
      unclaimedFees: 'text',
      outOfRange: 'flag or nothing',
      positionsOutOfRange: ['text'],
      listPositions: ['text'],
    },
  ],
}

/** Only the fields that the double serves. */
export const POSITIONS_ANSWER: Shape = {
  page: 'whole',
  pageSize: 'whole',
  hasNext: 'flag',
  totalCount: 'whole',
  positions: [
    {
      positionAddress: 'text',
      lowerBinId: 'whole',
      upperBinId: 'whole',
      minPrice: 'text',
      maxPrice: 'text',
      poolActiveBinId: 'whole or nothing',
      isOutOfRange: 'flag or nothing',
      isClosed: 'flag',
    },
  ],
}

/** Where a value does not have the shape, each place in words; a field that the shape does not have is a fault too. */
export function faultsIn(
  value: unknown,
  { shape, at = '' }: { shape: Kind | Shape | readonly [Kind | Shape]; at?: string },
): string[] {
  if (typeof shape === 'string') return isKind(value, shape) ? [] : [`${at} is no ${shape}`]
  if (isList(shape)) {
    if (!Array.isArray(value)) return [`${at} is no list`]
    return value.flatMap((item, index) => faultsIn(item, { shape: shape[0], at: `${at}[${index}]` }))
  }
  if (typeof value !== 'object' || value === null) return [`${at} is no object`]
  const fields = value as Record<string, unknown>
  const strange = Object.keys(fields).filter((field) => !(field in shape))
  return [
    ...strange.map((field) => `${at}.${field} is not described`),
    ...Object.entries(shape).flatMap(([field, kind]) =>
      faultsIn(fields[field], { shape: kind, at: `${at}.${field}` }),
    ),
  ]
}

function isList(shape: Shape | readonly [Kind | Shape]): shape is readonly [Kind | Shape] {
  return Array.isArray(shape)
}

function isKind(value: unknown, kind: Kind): boolean {
  if (kind.endsWith(' or nothing') && value === null) return true
  if (kind.startsWith('text')) return typeof value === 'string'
  if (kind.startsWith('flag')) return typeof value === 'boolean'
  return kind.startsWith('whole')
    ? Number.isInteger(value)
    : typeof value === 'number' && Number.isFinite(value)
}
