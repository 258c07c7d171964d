import type { PoolsMessage, PoolTurn } from '../../db/pool-messages.ts'
import type { StoredPoolRules } from '../../db/pool-rules.ts'
import type { PoolWatcher } from '../../db/pool-watchers.ts'
import { type Opportunity, opportunityKey } from '../domain/pools/opportunity.ts'
import type { Telling, Told } from '../domain/pools/tell.ts'
import { adviceFor, worthTelling } from './advice.ts'
import { hasOf } from './has.ts'
import type { Deposit } from './holdings.ts'
import type { SharedSnapshot } from './refresh.ts'
import { tellPools } from './tell.ts'

/** Chats looked at together; what is left over has its turn at once afterwards. */
const AT_ONCE = 500
/** Groups of one round: whoever is left over waits for the next one, the longest waiting first. */
const MOST_GROUPS = 200

export interface RoundStore {
  paused(): Promise<boolean>
  due(limit: number): Promise<readonly StoredPoolRules[]>
  /** Addresses on the lists of these chats. */
  tokens(chatIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>>
  told(chatIds: readonly number[]): Promise<ReadonlyMap<number, ReadonlyMap<string, Told>>>
  /** Chats for which something waits or is under way. */
  underWay(chatIds: readonly number[]): Promise<ReadonlySet<number>>
  /** Answers with how many messages were queued. */
  commit(work: { turns: readonly PoolTurn[]; round: number }): Promise<number>
  advise(work: { message: PoolsMessage; round: number }): Promise<boolean>
}

export interface PoolRoundDeps {
  readonly store: RoundStore
  readonly watchers: () => Promise<readonly PoolWatcher[]>
  readonly depositsOf: (owner: PoolWatcher['owner']) => readonly Deposit[]
  /** Pools in which the watched Solana wallets of a chat are. */
  readonly poolsOf: (chatId: number) => ReadonlySet<string>
  /** As much of it as one message shows. */
  readonly fit: (telling: Telling) => Telling
  readonly now: () => number
  /** Monotonic milliseconds. */
  readonly clock: () => number
  readonly onQueued: (count: number) => void
}

/** Tells every chat whose turn it is what is new in a snapshot. */
export type PoolRound = (snapshot: SharedSnapshot, signal: AbortSignal) => Promise<void>

/** At most one message per chat and round, committed together with whose turn is over. What was not shown is not marked. */
export function createPoolRound(deps: PoolRoundDeps): PoolRound {
  const { store, now } = deps

  async function tell(
    chats: readonly StoredPoolRules[],
    at: RoundFacts & { snapshot: SharedSnapshot },
  ): Promise<number> {
    const ids = chats.map(({ chatId }) => chatId)
    const [tokens, told, underWay] = [
      await store.tokens(ids),
      await store.told(ids),
      await store.underWay(ids),
    ]
    const nowMs = now()
    const messages = await tellPools(
      { index: at.snapshot.index, nowMs, clock: deps.clock },
      chats
        .filter(({ chatId }) => !underWay.has(chatId))
        .map(({ chatId, rules, firstToldAtMs }) => ({
          chatId,
          rules,
          tokens: tokens.get(chatId) ?? [],
          told: told.get(chatId) ?? new Map<string, Told>(),
          first: firstToldAtMs === null,
          has: hasOf(depositsIn(at.byChat, chatId), { byKey: at.byKey, pools: deps.poolsOf(chatId) }),
        })),
    )
    const tellings = new Map(messages.map(({ chatId, telling }) => [chatId, telling]))
    const turns = chats.map(({ chatId, threadId, rules }): PoolTurn => {
      const telling = tellings.get(chatId)
      const message = telling && messageOf(telling, { chatId, threadId, nowMs: at.round })
      if (message) at.spokenTo.add(chatId)
      return {
        chatId,
        dueAtMs: nowMs + rules.intervalMs,
        message: message ?? null,
        settled: telling?.settled ?? [],
      }
    })
    return store.commit({ turns, round: at.round })
  }

  function messageOf(
    telling: Telling,
    { chatId, threadId, nowMs }: { chatId: number; threadId: number | null; nowMs: number },
  ): PoolsMessage | null {
    if (telling.tips.length === 0) return null
    const { tips, more, first, told } = deps.fit(telling)
    return {
      chatId,
      threadId,
      payload: { about: 'opportunities', telling: { tips, more, first }, told, seenAtMs: nowMs },
    }
  }

  function depositsIn(byChat: ByChat, chatId: number): Deposit[] {
    return (byChat.get(chatId) ?? []).flatMap(({ owner }) => deps.depositsOf(owner))
  }

  async function advise(at: RoundFacts, signal: AbortSignal): Promise<number> {
    const told = await store.told([...at.byChat.keys()])
    let queued = 0
    for (const [chatId, watchers] of at.byChat) {
      if (at.spokenTo.has(chatId)) continue
      for (const { owner, label, threadId, rules } of watchers) {
        signal.throwIfAborted()
        const { multiplier } = rules
        const advice = adviceFor(deps.depositsOf(owner), { byKey: at.byKey, multiplier })
        const marks = { owner, told: told.get(chatId) ?? new Map<string, Told>(), multiplier, nowMs: now() }
        const worth = worthTelling(advice, marks)
        if (worth.rotations.length === 0) continue
        const payload = { about: 'rotation', owner, label, ...worth, seenAtMs: at.round } as const
        if (await store.advise({ message: { chatId, threadId, payload }, round: at.round })) queued += 1
        // One message at a time: the other wallets of this chat have their turn later.
        break
      }
    }
    return queued
  }

  return async (snapshot, signal) => {
    if (await store.paused()) return
    const round = now()
    const byKey = new Map(snapshot.opportunities.map((one) => [opportunityKey(one), one]))
    const byChat = groupByChat(await deps.watchers())
    const facts: RoundFacts = { byKey, byChat, round, spokenTo: new Set() }
    let queued = 0
    for (let group = 0; group < MOST_GROUPS; group += 1) {
      signal.throwIfAborted()
      const chats = await store.due(AT_ONCE)
      if (chats.length > 0) queued += await tell(chats, { ...facts, snapshot })
      if (chats.length < AT_ONCE) break
    }
    queued += await advise(facts, signal)
    if (queued > 0) deps.onQueued(queued)
  }
}

interface RoundFacts {
  readonly byKey: ReadonlyMap<string, Opportunity>
  readonly byChat: ByChat
  readonly round: number
  /** Chats that get their one message of this round. */
  readonly spokenTo: Set<number>
}

type ByChat = ReadonlyMap<number, readonly PoolWatcher[]>

function groupByChat(watchers: readonly PoolWatcher[]): ByChat {
  const byChat = new Map<number, PoolWatcher[]>()
  for (const watcher of watchers) {
    const list = byChat.get(watcher.chatId)
    if (list) list.push(watcher)
    else byChat.set(watcher.chatId, [watcher])
  }
  return byChat
}
