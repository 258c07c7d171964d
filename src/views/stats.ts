import { FormattedString } from '@grammyjs/parse-mode'
import type { DeskStats } from '../domain/pools/desk.ts'
import { durationText, grouped } from './numbers.ts'
import { lines, type View, view } from './view.ts'

/** Several endpoints' reasons may be in it. */
const LONGEST_TROUBLE = 150

/** Somebody else's server that is asked, and how that goes. */
export interface Upstream {
  readonly name: string
  readonly state: string
  readonly calls: number
  readonly callsPerMinute: number
  readonly errors: number
  readonly queued: number
  readonly lastError: string | null
}

export interface Stats {
  readonly people: number
  readonly looksPerMinute: number
  readonly meanLookMs: number | null
  readonly alertLatencyMs: { readonly p50: number | null; readonly p99: number | null }
  readonly alertsSent: number
  readonly maybeRepeats: number
  readonly refusedTexts: number
  readonly chats: Readonly<Record<string, number>>
  readonly wallets: number
  readonly positions: readonly { readonly protocol: string; readonly level: string; readonly count: number }[]
  readonly blind: number
  readonly lastCycle: {
    readonly atMs: number
    readonly positions: number
    readonly unknown: number
    readonly durationMs: number
    readonly workMs: number
  } | null
  readonly endpoints: readonly Upstream[]
  /** GraphQL and HTTP APIs beside the chain. */
  readonly apis?: readonly Upstream[]
  readonly cache?: {
    readonly entries: number
    readonly hits: number
    readonly misses: number
    readonly savedCalls: number
  }
  readonly events?: readonly {
    readonly protocol: string
    readonly blocksBehind: number | null
    readonly trouble: string | null
  }[]
  /** Absent where no opportunities are looked for. */
  readonly pools?: DeskStats & {
    /** Chats with pool alerts on. */
    readonly chats: number
    readonly tokens: number
    /** Rows of history. */
    readonly points: number
    readonly wallets: number
    readonly positions: number
  }
  readonly outbox: { readonly waiting: number; readonly oldestCreatedAtMs: number | null }
  readonly memoryMb: number
  readonly uptimeMs: number
  readonly nowMs: number
}

/** `/stats`: figures only, no address. */
export function statsView(stats: Stats): View {
  const chats = Object.entries(stats.chats).map(([state, count]) => `${count} ${state}`)
  const { lastCycle, outbox, nowMs } = stats
  return view(
    lines([
      FormattedString.b('Buoy'),
      `People: ${grouped(stats.people)} in private chats`,
      `Chats: ${chats.length > 0 ? chats.join(', ') : 'none'} · wallets: ${grouped(stats.wallets)}`,
      `Positions: ${stats.positions.length > 0 ? '' : 'none read yet'}`,
      ...stats.positions.map(({ protocol, level, count }) => `   ${protocol} ${level}: ${grouped(count)}`),
      stats.blind > 0 ? `   ⚫ not visible: ${grouped(stats.blind)}` : null,
      lastCycle
        ? `Last cycle ${durationText(nowMs - lastCycle.atMs)} ago: ${grouped(lastCycle.positions)} positions, ${lastCycle.unknown} unread, ${(lastCycle.workMs / 1000).toFixed(2)} s of work in ${(lastCycle.durationMs / 1000).toFixed(1)} s`
        : 'No cycle finished yet',
      `Looks: ${stats.looksPerMinute} in the last minute${stats.meanLookMs === null ? '' : `, ${seconds(stats.meanLookMs)} on average`}`,
      `Alerts since the start: ${grouped(stats.alertsSent)} sent, ${stats.maybeRepeats} maybe repeats, ${stats.refusedTexts} texts refused`,
      stats.alertLatencyMs.p50 === null || stats.alertLatencyMs.p99 === null
        ? null
        : `Block to Telegram: ${seconds(stats.alertLatencyMs.p50)} (p50), ${seconds(stats.alertLatencyMs.p99)} (p99)`,
      `Outbox: ${outbox.waiting} waiting${outbox.oldestCreatedAtMs === null ? '' : `, oldest ${durationText(nowMs - outbox.oldestCreatedAtMs)}`}`,
      ...stats.endpoints.map((endpoint) => upstreamLine('RPC', endpoint)),
      ...(stats.apis ?? []).map((api) => upstreamLine('API', api)),
      stats.cache ? cacheLine(stats.cache) : null,
      ...(stats.events ?? []).map(eventsLine),
      ...(stats.pools ? poolLines(stats.pools) : []),
      `Memory ${stats.memoryMb} MB · up ${durationText(stats.uptimeMs)}`,
    ]),
  )
}

function upstreamLine(kind: 'RPC' | 'API', upstream: Upstream): string {
  const { name, state, calls, callsPerMinute, errors, queued, lastError } = upstream
  return `${kind} ${name}: ${state}, ${grouped(calls)} calls (${callsPerMinute} in the last minute), ${grouped(errors)} errors, ${queued} queued${lastError === null ? '' : ` (last: ${lastError})`}`
}

function cacheLine({ entries, hits, misses, savedCalls }: NonNullable<Stats['cache']>): string {
  const looks = hits + misses
  const rate = looks === 0 ? 'not used yet' : `${Math.floor((hits / looks) * 100)} % hits`
  return `Cache: ${rate}, ${grouped(savedCalls)} calls saved, ${grouped(entries)} entries`
}

function eventsLine({ protocol, blocksBehind, trouble }: NonNullable<Stats['events']>[number]): string {
  const lag = blocksBehind === null ? 'not followed yet' : `${grouped(blocksBehind)} blocks behind`
  return `Events ${protocol}: ${lag}${trouble === null ? '' : ` (held: ${trouble.slice(0, LONGEST_TROUBLE)})`}`
}

function poolLines(pools: NonNullable<Stats['pools']>): string[] {
  const { ageMs, opportunities, chats, tokens, points, wallets, positions } = pools
  const age = ageMs === null ? 'not read yet' : `${grouped(opportunities)}, ${durationText(ageMs)} old`
  return [
    `Opportunities: ${age}${pools.paused ? ' · alerts paused for everybody' : ''}`,
    `   ${grouped(chats)} chats with alerts, ${grouped(tokens)} tokens, ${grouped(points)} rows of history, ${grouped(wallets)} Solana wallets with ${grouped(positions)} positions`,
    ...pools.suspect.map(({ source, reason }) => `   ⚠️ ${source}: ${reason.slice(0, LONGEST_TROUBLE)}`),
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}
