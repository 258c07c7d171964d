import { shortAddress } from '../domain/address.ts'
import type { Level } from '../domain/alerting/state.ts'
import type { PositionRef, ProtocolId } from '../domain/position.ts'
import { plain } from './plain.ts'

export const PROTOCOL_NAMES: Record<ProtocolId, string> = {
  neverland: 'Neverland',
  morpho: 'Morpho',
  curvance: 'Curvance',
  euler: 'Euler',
}

export const LEVEL_ICONS: Record<Level, string> = {
  safe: '🟢',
  warning: '🟠',
  critical: '🔴',
  liquidatable: '🆘',
}

/** How a wallet is called: its label, or its address cut short. */
export function walletName(wallet: { label: string | null; owner: string }): string {
  const label = wallet.label === null ? '' : plain(wallet.label)
  return label === '' ? shortAddress(wallet.owner) : label
}

/** Protocol and market, the protocol only once. */
export function positionName(ref: PositionRef): string {
  const protocol = PROTOCOL_NAMES[ref.protocol]
  const market = plain(ref.marketName)
  return market.toLowerCase().startsWith(protocol.toLowerCase()) ? market : `${protocol} ${market}`
}
