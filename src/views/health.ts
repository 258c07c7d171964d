import { levelUnder } from '../domain/alerting/levels.ts'
import type { Health, OkReading, ProtocolId } from '../domain/position.ts'
import type { Lines } from '../domain/thresholds.ts'
import { WAD } from '../domain/units.ts'
import { LEVEL_ICONS } from './names.ts'
import { healthText, percentToLiquidation } from './numbers.ts'

/** `health 1.08`, or `no debt`. Where the protocol's own app counts differently, its figure stands beside: people compare. */
export function healthPhrase(health: Health, protocol?: ProtocolId): string {
  if (health.noDebt) return 'no debt'
  const inApp = protocol === 'curvance' ? ` (${surplusText(health.healthWad)} in its app)` : ''
  return `health ${healthText(health.healthWad)}${inApp}`
}

/** Curvance shows health less one, in percent: 1.03 is 3 %. Rounded down, as health is. */
function surplusText(healthWad: bigint): string {
  const permille = WAD / 1_000n
  const surplus = healthWad - WAD
  if (surplus > 1_000n * WAD) return '> 100,000 %'
  const tenths = surplus >= 0n ? surplus / permille : -((permille - 1n - surplus) / permille)
  const sign = tenths < 0n ? '-' : ''
  const size = tenths < 0n ? -tenths : tenths
  return `${sign}${size / 10n}.${size % 10n} %`
}

/** What the shown worth of the collateral is: all of it, or only what counts against the debt. */
export function collateralWord({ collateralNote }: Pick<OkReading, 'collateralNote'>): string {
  return collateralNote === 'weighed' ? 'collateral counts' : 'collateral'
}

/** How far it is to liquidation, in words; without debt there is no way there. */
export function distancePhrase(health: Health): string {
  if (health.noDebt) return 'no debt'
  if (health.liquidatable) return 'can be liquidated now'
  const percent = percentToLiquidation(health)
  return percent === null ? 'on the edge' : `${percent} to liquidation`
}

/** The colour of a loan under its lines; without lines only what the protocol itself says. */
function healthIcon(health: Health, lines: Lines | null): string {
  if (health.noDebt) return '⚪'
  if (lines) return LEVEL_ICONS[levelUnder(health, lines)]
  return health.liquidatable ? '🆘' : '🔵'
}

/** `🟠 Main · Morpho WMON/USDC · health 1.08 · 7.4 % to liquidation`: what must do on a lock screen. */
export function loanHeadline(
  who: string,
  { health, lines, protocol }: { health: Health; lines: Lines | null; protocol: ProtocolId },
): string {
  const state = health.noDebt ? 'no debt' : `${healthPhrase(health, protocol)} · ${distancePhrase(health)}`
  return `${healthIcon(health, lines)} ${who} · ${state}`
}
