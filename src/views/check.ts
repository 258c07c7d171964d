import { FormattedString, fmt } from '@grammyjs/parse-mode'
import type { Verified } from '../domain/alerting/state.ts'
import type { ProtocolCheck } from '../domain/check.ts'
import type { Health, OkReading, PositionRef, ProtocolId, Reading } from '../domain/position.ts'
import type { Lines } from '../domain/thresholds.ts'
import { collateralWord, healthPhrase, loanHeadline } from './health.ts'
import { PROTOCOL_NAMES, positionName, walletName } from './names.ts'
import { durationText, grouped, thresholdText, timeText, valueText } from './numbers.ts'
import { plain } from './plain.ts'
import { lines } from './view.ts'

const MAX_REASON = 160

export interface CheckedPosition {
  readonly ref: PositionRef
  readonly reading: Reading
  /** The lines that apply; `null` for a wallet that is not watched. */
  readonly lines: Lines | null
  /** What was known before, for when the reading failed. */
  readonly last: Verified | null
}

export interface CheckedWallet {
  readonly owner: string
  readonly label: string | null
  readonly positions: readonly CheckedPosition[]
  readonly protocols: readonly Pick<ProtocolCheck, 'protocol' | 'incomplete' | 'seenAt'>[]
  readonly nowMs: number
}

/** What a message has left for one wallet, in UTF-16 units. */
const WALLET_UNITS = 3000

/** One wallet: its loans worst first as far as they fit, then what could not be seen, then how fresh all of it is. */
export function walletBlock(wallet: CheckedWallet, units = WALLET_UNITS): FormattedString {
  const sorted = [...wallet.positions].sort((a, b) => compare(rank(a.reading), rank(b.reading)))
  const tail = [...protocolLines(wallet), freshness(wallet)]
  const loans: string[] = []
  let left = units - tail.reduce((sum, line) => sum + (line?.length ?? 0) + 1, 0)
  let shown = 0
  for (const position of sorted) {
    const text = positionLines(position, wallet.nowMs)
    left -= text.reduce((sum, line) => sum + line.length + 1, 0)
    if (left < 0 && shown > 0) break
    loans.push(...text)
    shown += 1
  }
  const more = sorted.length - shown
  return lines([
    fmt`${FormattedString.b(walletName(wallet))} ${FormattedString.code(wallet.owner)}`,
    ...loans,
    more > 0 ? `… and ${more} more, none of them worse.` : null,
    ...tail,
  ])
}

/** The worst loan of a wallet, for sorting: unknown first, deposits last, nothing at the very end. */
export function worstOf(wallet: CheckedWallet): bigint {
  const ranks = wallet.positions.map(({ reading }) => rank(reading))
  const blind = wallet.protocols.some(({ incomplete }) => incomplete !== null)
  if (blind) ranks.push(FIRST)
  return ranks.reduce((a, b) => (b < a ? b : a), 2n ** 257n)
}

const FIRST = -(2n ** 257n)

function rank(reading: Reading): bigint {
  return rankOf(reading.kind === 'ok' ? reading.health : null)
}

/** Unknown (`null`) first, for it may be anything, then what can be liquidated, then by health, deposits last. */
export function rankOf(health: Health | null): bigint {
  if (health === null) return FIRST
  if (health.noDebt) return 2n ** 256n
  return health.liquidatable ? health.healthWad - 2n ** 256n : health.healthWad
}

export function compare(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function positionLines({ ref, reading, lines: line, last }: CheckedPosition, nowMs: number): string[] {
  const name = positionName(ref)
  switch (reading.kind) {
    case 'none':
      return []
    case 'unknown':
      return [
        `❔ ${name} · I cannot see it: ${plain(reading.detail, MAX_REASON)}`,
        last === null
          ? '   Never seen so far.'
          : `   Last seen ${timeText(last.atMs, nowMs)}: ${healthPhrase(last.health, ref.protocol)}. It may be worse by now.`,
      ]
    case 'ok':
      return okLines({ name, protocol: ref.protocol, reading, line })
  }
}

function okLines({
  name,
  protocol,
  reading,
  line,
}: {
  name: string
  protocol: ProtocolId
  reading: OkReading
  line: Lines | null
}): string[] {
  const amount = valueText(reading.collateral, reading.unit)
  const collateral = `${collateralWord(reading)} ${amount}`
  if (reading.health.noDebt) {
    return [`⚪ ${name} · ${reading.collateralNote ? collateral : `deposit ${amount}`}, no debt`]
  }
  const rings = line ? ` · rings at ${thresholdText(line.warningWad)}` : ''
  return [
    loanHeadline(name, { health: reading.health, lines: line, protocol }),
    `   ${collateral} · debt ${valueText(reading.debt, reading.unit)}${rings}`,
  ]
}

/** First what could not be seen, then in one line where nothing is. */
function protocolLines(wallet: CheckedWallet): string[] {
  const empty = wallet.protocols.filter(
    ({ protocol, incomplete }) =>
      incomplete === null && !wallet.positions.some(({ ref }) => ref.protocol === protocol),
  )
  const names = empty.map(({ protocol }) => PROTOCOL_NAMES[protocol]).join(', ')
  return [
    ...wallet.protocols.flatMap((protocol) => gapLines(protocol, wallet)),
    ...(names === '' ? [] : [`No loan or deposit on ${names}.`]),
  ]
}

function gapLines(
  { protocol, incomplete }: CheckedWallet['protocols'][number],
  wallet: CheckedWallet,
): string[] {
  if (incomplete === null) return []
  const said = wallet.positions.some(
    ({ ref, reading }) =>
      ref.protocol === protocol && reading.kind === 'unknown' && incomplete.includes(reading.detail),
  )
  const why = said ? '' : ` (${plain(incomplete, MAX_REASON)})`
  return [`⚠️ ${PROTOCOL_NAMES[protocol]}: I cannot see everything${why}. There may be more.`]
}

/** The oldest source of what is shown: block, age, endpoint. */
function freshness({ positions, protocols, nowMs }: CheckedWallet): string | null {
  const sources = [
    ...positions.flatMap(({ reading }) => (reading.kind === 'ok' ? [reading] : [])),
    ...protocols.flatMap(({ seenAt }) => (seenAt === null ? [] : [seenAt])),
  ]
  const [first, ...rest] = sources
  if (!first) return null
  const oldest = rest.reduce((a, b) => (b.block.timestamp < a.block.timestamp ? b : a), first)
  const age = durationText(nowMs - oldest.block.timestamp * 1000)
  return `Block ${grouped(oldest.block.number)}, ${age} old · ${oldest.endpoint}`
}
