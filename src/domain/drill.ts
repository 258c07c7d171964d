import type { Address } from './address.ts'
import type { BlockRef, OkReading, PositionRef, ProtocolId } from './position.ts'
import { WAD } from './units.ts'

/** The market of a loan that exists only for `/drill`. No contract has this name. */
export const DRILL_MARKET = 'drill'

/** How the address of every shadow begins: one that nobody has a key for. The rest is the chat. */
export const DRILL_OWNERS = `0x${'0'.repeat(22)}d711`

/** What a drill is started with: under it the shadow falls to critical at once. */
export const DRILL_WARNING_WAD = 12n * (WAD / 10n)

/** After this the shadow falls. */
export const DRILL_FALL_MS = 10_000
const RISE_MS = 90_000

const SAFE_WAD = 18n * (WAD / 10n)
const FALLEN_WAD = 104n * (WAD / 100n)
/** Enough that no floor for small debts silences it. US dollars. */
const DEBT_USD = 100_000n

/** How fast an exercise went. Times in milliseconds; `null`: not yet. */
export interface DrillReport {
  readonly fellAtMs: number
  /** When the alert was committed. */
  readonly detectedAtMs: number | null
  /** When Telegram had it. */
  readonly sentAtMs: number | null
  /** When somebody pressed "Seen". */
  readonly tappedAtMs: number | null
}

/** Whether a loan is a shadow made for an exercise: everything told about it is marked DRILL. */
export function isDrill(ref: Pick<PositionRef, 'market'>): boolean {
  return ref.market === DRILL_MARKET
}

export function isDrillOwner(owner: string): boolean {
  return owner.startsWith(DRILL_OWNERS)
}

/** The shadow wallet of a chat. Ids of chats fit 53 bits with their sign. */
export function drillOwner(chatId: number): Address {
  const id = chatId < 0 ? BigInt(-chatId) * 2n + 1n : BigInt(chatId) * 2n
  return `${DRILL_OWNERS}${id.toString(16).padStart(14, '0')}` as Address
}

export function drillRef(chatId: number, protocol: ProtocolId): PositionRef {
  const owner = drillOwner(chatId)
  return {
    protocol,
    key: `${protocol}:${DRILL_MARKET}:${owner}`,
    owner,
    market: DRILL_MARKET,
    marketName: 'WMON/USDC',
  }
}

/** What the shadow looks like so long after the drill began: safe, after ten seconds critical, after ninety safe again. */
export function drillReading(sinceMs: number, seen: { block: BlockRef; endpoint: string }): OkReading {
  const fallen = sinceMs >= DRILL_FALL_MS && sinceMs < RISE_MS
  const healthWad = fallen ? FALLEN_WAD : SAFE_WAD
  const cents = (usd: bigint) => ({ amount: usd, decimals: 2 })
  return {
    kind: 'ok',
    health: { noDebt: false, healthWad, liquidatable: false },
    // What is put up counts with 80 %.
    collateral: cents((DEBT_USD * 100n * healthWad * 10n) / (8n * WAD)),
    debt: cents(DEBT_USD * 100n),
    unit: 'USD',
    ...seen,
  }
}
