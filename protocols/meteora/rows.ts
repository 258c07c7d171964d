import { z } from 'zod'

// Only the fields that are used: the description of the API and its answers have disagreed before.

/** Beyond that a figure is broken, not big. */
const MOST_USD = 1e12
const money = z.number().min(0).max(MOST_USD)
const windows = z.object({ '30m': money, '1h': money, '2h': money, '4h': money, '12h': money, '24h': money })

/** A Solana address: 32 bytes in base 58. */
const SOLANA_ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/
const solanaAddress = z.string().regex(SOLANA_ADDRESS)

const token = z.object({
  address: solanaAddress,
  symbol: z.string().max(1_000),
  is_verified: z.boolean(),
  freeze_authority_disabled: z.boolean(),
})

/** What changes by the second. */
export const movingRow = z.object({
  address: solanaAddress,
  tvl: money.positive(),
  fees: windows,
  volume: z.object({ '24h': money }),
  is_blacklisted: z.boolean(),
})

/** What stays: read anew once a day. */
export const staticRow = z.object({
  name: z.string().max(1_000),
  token_x: token,
  token_y: token,
  created_at: z.number().positive().max(1e14),
  pool_config: z.object({ bin_step: z.number().int().nonnegative().max(10_000) }),
})

export type MovingRow = z.infer<typeof movingRow>
export type StaticRow = z.infer<typeof staticRow>

export const poolsPage = z.object({
  total: z.number().int().nonnegative(),
  data: z.array(z.unknown()).max(1_000),
})

/** Dollars, as text. */
const usdText = z
  .string()
  .max(100)
  .transform((text) => (text.trim() === '' ? Number.NaN : Number(text)))
  .pipe(z.number().min(0).max(MOST_USD))

export const portfolioPage = z.object({
  hasNext: z.boolean(),
  pools: z.array(z.unknown()).max(50),
})

export const portfolioPool = z.object({
  poolAddress: solanaAddress,
  tokenX: z.string().max(1_000),
  tokenY: z.string().max(1_000),
  balances: usdText.nullish().catch(null),
  unclaimedFees: usdText.nullish().catch(null),
  outOfRange: z.boolean().nullish(),
  positionsOutOfRange: z.array(solanaAddress).max(1_000).nullish(),
  listPositions: z.array(solanaAddress).max(1_000),
})

export const positionsPage = z.object({ hasNext: z.boolean(), positions: z.array(z.unknown()).max(100) })

const bin = z.number().int().min(-1_000_000).max(1_000_000)
export const positionRow = z.object({
  positionAddress: solanaAddress,
  lowerBinId: bin,
  upperBinId: bin,
  poolActiveBinId: bin.nullish(),
  isOutOfRange: z.boolean().nullish(),
})
