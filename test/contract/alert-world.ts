import { createBotStore } from '../../db/bot-store.ts'
import { type CommitWork, commitTransitions } from '../../db/commit-transitions.ts'
import { claim } from '../../db/outbox-claim.ts'
import { recoverSending, type Settlement, settle } from '../../db/outbox-settle.ts'
import type { StoredPosition } from '../../db/positions.ts'
import type { Database, OutboxRow } from '../../db/schema.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import type { Transition } from '../../src/domain/alerting/transition.ts'
import type { ChatSettings } from '../../src/domain/chat-settings.ts'
import { type Delivery, type DeliveryItem, isLoud } from '../../src/domain/delivery.ts'
import type { Reading } from '../../src/domain/position.ts'
import { minuteOfDay } from '../../src/domain/quiet-hours.ts'
import { deliveryView } from '../../src/views/delivery.ts'
import {
  addChat,
  addPosition,
  addWatcher,
  NOW,
  noPosition,
  ownerOf,
  reading,
  refOf,
  wad,
} from './store-kit.ts'

/** How an attempt ends, and whether the chat really got the message. */
export type End =
  | 'sent'
  | 'refused connection'
  | 'lost, outcome unknown'
  | 'arrived, outcome unknown'
  | 'rate limit'
  | 'text refused'
  | 'blocked'

/** A health, or `none`, `nodebt`, `unknown`. */
export type Health = string

export type Step =
  | { readonly do: 'read'; readonly position: number; readonly health: Health; readonly seconds: number }
  /** The process dies within the commit; what was read is read again. */
  | { readonly do: 'die committing'; readonly position: number; readonly health: Health }
  | { readonly do: 'replay'; readonly position: number }
  | { readonly do: 'claim' }
  | { readonly do: 'end'; readonly which: number; readonly end: End }
  /** The process dies; of what was under way some had arrived. */
  | { readonly do: 'die'; readonly arrived: readonly boolean[] }
  | { readonly do: 'look twice'; readonly verdict: 'confirmed' | 'unconfirmed' | 'disputed' }
  | { readonly do: 'seen' | 'snooze'; readonly which: number }
  | { readonly do: 'quiet'; readonly minutes: number }
  | { readonly do: 'set'; readonly warning: string; readonly repeats: number | null }
  | { readonly do: 'wait'; readonly seconds: number }

/** What a chat really got. */
export interface Reception {
  readonly chatId: number
  readonly atMs: number
  readonly rowIds: readonly number[]
  readonly items: readonly DeliveryItem[]
  readonly silent: boolean
  readonly labelled: boolean
}

const WATCHING = [1, 2] as const
const SECOND_CHAT = 3
const OWNER = ownerOf(1)

export interface World {
  readonly db: Database
  readonly receptions: Reception[]
  /** Keys of everything that was committed. */
  readonly committed: string[]
  /** Rows whose outcome was unknown at some time, with those they went out with. */
  readonly doubted: Map<number, readonly number[]>
  readonly nowMs: () => number
  step(step: Step): Promise<void>
  take(): Promise<Delivery | undefined>
  end(delivery: Delivery, end: End): Promise<void>
  readonly underWay: Delivery[]
}

/** Two chats watch two loans of one owner, a third hears what nobody answers in the first. Everything but Telegram is real. */
export async function createWorld(db: Database): Promise<World> {
  for (const chatId of WATCHING) await addWatcher(db, { chatId, owner: OWNER, label: 'Main' })
  await addChat(db, SECOND_CHAT)
  await db.updateTable('chats').set({ escalate_to: SECOND_CHAT }).where('id', '=', WATCHING[0]).execute()
  const positions = [
    await addPosition(db, refOf(OWNER, '0xa')),
    await addPosition(db, refOf(OWNER, '0xb')),
  ] as const
  let nowMs = NOW
  let block = 1_000
  let messageId = 0
  let deliveries = 0
  const last = new Map<number, Reading>()
  const receptions: Reception[] = []
  const committed: string[] = []
  const doubted: World['doubted'] = new Map()
  const underWay: Delivery[] = []
  const store = createBotStore({ db, now: () => nowMs, commit: () => Promise.resolve() })

  function readingOf(health: Health): Reading {
    if (health === 'unknown') return { kind: 'unknown', reason: 'rpc', detail: 'no answer' }
    block += 1
    const at = { ...reading(block, null).block, timestamp: Math.floor(nowMs / 1000) }
    if (health === 'none') return { ...noPosition(block), block: at }
    return { ...reading(block, health === 'nodebt' ? null : wad(health)), block: at }
  }

  async function commit(position: StoredPosition, work: Pick<CommitWork, 'decide'> & { reading: Reading }) {
    return await commitTransitions(db, {
      readings: [{ position, reading: work.reading }],
      nowMs,
      decide: work.decide,
    })
  }

  async function read(index: number, given: Reading): Promise<Transition[]> {
    const position = positions[index % positions.length] ?? positions[0]
    last.set(index, given)
    const told = await commit(position, { reading: given, decide })
    for (const { chatId, transition } of told) {
      const { kind, episode, seq } = transition
      const origin = kind === 'escalation' ? `:${WATCHING[0]}` : ''
      committed.push(`${kind}:${chatId}:${position.id}:${episode}:${seq}${origin}`)
    }
    return told.map(({ transition }) => transition)
  }

  async function dieCommitting(index: number, given: Reading): Promise<void> {
    const position = positions[index % positions.length] ?? positions[0]
    const before = await snapshot(db)
    let calls = 0
    const dies: typeof decide = (input) => {
      calls += 1
      if (calls === WATCHING.length) throw new Error('the process died')
      return decide(input)
    }
    const outcome = await commit(position, { reading: given, decide: dies }).catch((error: unknown) => error)
    // Nothing to die of when a chat has gone: then everything was committed.
    if (!(outcome instanceof Error)) throw new Error('two chats watch')
    if ((await snapshot(db)) !== before) throw new Error('half of a commit was left behind')
    await read(index, given)
  }

  async function take(): Promise<Delivery | undefined> {
    deliveries += 1
    const newDeliveryId = `D${deliveries}`
    return await claim(db, { nowMs, newDeliveryId, exceptChats: [], leaseToken: 1 })
  }

  function arrive(delivery: Delivery): void {
    const { chatId, rowIds, content, plain } = delivery
    if (content.kind !== 'alerts') return
    const { body } = deliveryView(delivery, { nowMs, plain, appUrlOf: () => null })
    const labelled = /may be a repeat/i.test(body.text)
    const { items } = content
    receptions.push({ chatId, atMs: nowMs, rowIds, items, labelled, silent: !isLoud(content) })
  }

  function doubt({ rowIds }: Delivery): void {
    for (const id of rowIds) doubted.set(id, rowIds)
  }

  async function end(delivery: Delivery, how: End): Promise<void> {
    if (how === 'sent' || how === 'arrived, outcome unknown') arrive(delivery)
    if (how.endsWith('unknown')) doubt(delivery)
    messageId += 1
    const settlement = settlementOf(how, { nowMs, messageId, plain: delivery.plain })
    const dropped = { kind: 'dropped', error: how } as const
    const isEdit = delivery.content.kind !== 'alerts' && how !== 'sent'
    await settle(db, { delivery, settlement: isEdit ? dropped : settlement, nowMs })
    // Its people come back at once, so that there is something to tell again.
    if (how !== 'blocked' || isEdit) return
    await store.meet({ id: delivery.chatId, kind: 'private' })
    // All is judged anew there: an old reading is news again.
    last.clear()
  }

  async function step(one: Step): Promise<void> {
    switch (one.do) {
      case 'read': {
        nowMs += one.seconds * 1000
        const told = await read(one.position, readingOf(one.health))
        const byTime = told.filter(({ kind }) => kind !== 'blind' && kind !== 'escalation')
        if (one.health === 'unknown' && byTime.length > 0) throw new Error('a failed read told a fact')
        return
      }
      case 'die committing':
        nowMs += 1_000
        await dieCommitting(one.position, readingOf(one.health))
        return
      case 'replay': {
        const again = last.get(one.position)
        if (!again || again.kind === 'unknown') return
        const told = await read(one.position, again)
        // Time alone brings these two.
        const news = told.filter(({ kind, repeat }) => kind !== 'escalation' && !repeat)
        if (news.length > 0) throw new Error('a replay told something')
        return
      }
      case 'claim': {
        const delivery = await take()
        if (delivery) underWay.push(delivery)
        return
      }
      case 'end': {
        const [delivery] = underWay.splice(one.which % Math.max(1, underWay.length), 1)
        if (delivery) await end(delivery, one.end)
        return
      }
      case 'die': {
        for (const [index, delivery] of underWay.entries()) {
          if (one.arrived[index % one.arrived.length]) arrive(delivery)
          doubt(delivery)
        }
        underWay.length = 0
        await recoverSending(db)
        return
      }
      case 'look twice': {
        // As the verifier leaves it: free to go once its quiet hours are over.
        await db
          .updateTable('outbox')
          .set((eb) => ({
            confirm: one.verdict,
            not_before: eb.case().when('hold_until', '>', nowMs).then(eb.ref('hold_until')).else(nowMs).end(),
          }))
          .where('state', '=', 'pending')
          .where('confirm', '=', 'pending')
          .execute()
        return
      }
      case 'seen':
      case 'snooze': {
        const seen = receptions.at(one.which % Math.max(1, receptions.length))
        const rowId = seen?.rowIds[0]
        if (!seen || rowId === undefined) return
        if (one.do === 'seen') await store.seen(seen.chatId, rowId)
        else await store.snooze(seen.chatId, { rowId, untilMs: nowMs + 3_600_000 })
        return
      }
      case 'quiet': {
        const from = minuteOfDay('UTC', nowMs)
        const quiet = { fromMinute: from, toMinute: (from + one.minutes) % 1_440, zone: 'UTC' }
        await change({ quiet: one.minutes === 0 ? null : quiet })
        return
      }
      case 'set': {
        const warning_wad = wad(one.warning).toString()
        await db.updateTable('chats').set({ warning_wad }).execute()
        await change({
          repeatMinutes: { warning: one.repeats, critical: one.repeats, liquidatable: one.repeats },
        })
        return
      }
      case 'wait':
        nowMs += one.seconds * 1000
    }
  }

  async function change(settings: Partial<ChatSettings>): Promise<void> {
    await db
      .updateTable('chats')
      .set({ settings: JSON.stringify(settings) })
      .execute()
  }

  return { db, receptions, committed, doubted, underWay, nowMs: () => nowMs, step, take, end }
}

async function snapshot(db: Database): Promise<string> {
  const rows: OutboxRow[] = await db.selectFrom('outbox').selectAll().orderBy('id').execute()
  const states = await db
    .selectFrom('alert_states')
    .selectAll()
    .orderBy('chat_id')
    .orderBy('position_id')
    .execute()
  return JSON.stringify([rows, states])
}

function settlementOf(end: End, at: { nowMs: number; messageId: number; plain: boolean }): Settlement {
  const againAtMs = at.nowMs + 5_000
  switch (end) {
    case 'sent':
      return { kind: 'sent', messageId: at.messageId }
    case 'refused connection':
      return { kind: 'not-sent', againAtMs, error: end }
    case 'lost, outcome unknown':
    case 'arrived, outcome unknown':
      return { kind: 'unknown', againAtMs, error: end }
    case 'rate limit':
      return { kind: 'rate-limited', againAtMs: at.nowMs + 7_000 }
    case 'text refused':
      return at.plain ? { kind: 'not-sent', againAtMs, error: end } : { kind: 'refused-text', error: end }
    case 'blocked':
      return { kind: 'unreachable', error: end }
  }
}
