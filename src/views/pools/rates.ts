import type { Opportunity } from '../../domain/pools/opportunity.ts'
import { PROTOCOL_NAMES } from '../names.ts'
import { grouped } from '../numbers.ts'
import { plain } from '../plain.ts'

const MAX_NAME = 40

/** A yearly rate or a share, from a fraction: `5.20 %`. */
export function rateText(fraction: number): string {
  const percent = fraction * 100
  if (!Number.isFinite(percent)) return '?'
  if (percent > 0 && percent < 0.01) return 'under 0.01 %'
  return percent >= 1000 ? `${grouped(Math.round(percent))} %` : `${percent.toFixed(2)} %`
}

/** `$1,234.56`; whole dollars from ten thousand on. */
export function usdText(usd: number): string {
  if (!Number.isFinite(usd)) return '?'
  if (usd > 0 && usd < 0.01) return 'under $0.01'
  if (usd >= 10_000) return `$${grouped(Math.round(usd))}`
  const [whole = '0', cents = '00'] = usd.toFixed(2).split('.')
  return `$${grouped(Number(whole))}.${cents}`
}

/** Where it is and what it is, the source only once: `USDC · Morpho WMON/USDC 86%`. */
export function opportunityName({ source, name }: Pick<Opportunity, 'source' | 'name'>): string {
  const text = plain(name, MAX_NAME)
  const place = source === 'meteora' ? 'Meteora' : PROTOCOL_NAMES[source]
  return text.toLowerCase().includes(place.toLowerCase()) ? text : `${place} ${text}`
}
