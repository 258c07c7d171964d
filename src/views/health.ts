import { levelUnder } from '../domain/alerting/levels.ts'
import type { Health, OkReading } from '../domain/position.ts'
import type { Lines } from '../domain/thresholds.ts'
import { LEVEL_ICONS } from './names.ts'
import { healthText, percentToLiquidation } from './numbers.ts'

/** `health 1.08`, or `no debt`. */
export function healthPhrase(health: Health): string {
  return health.noDebt ? 'no debt' : `health ${healthText(health.healthWad)}`
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
  { health, lines }: { health: Health; lines: Lines | null },
): string {
  const state = health.noDebt ? 'no debt' : `${healthPhrase(health)} · ${distancePhrase(health)}`
  return `${healthIcon(health, lines)} ${who} · ${state}`
}
