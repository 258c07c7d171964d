import { decideTelling, type Telling, type Told } from '../domain/pools/tell.ts'
import { matchChats, type Wants } from './match.ts'
import type { PoolIndex } from './pool-index.ts'
import { createSlices } from './slices.ts'

/** A chat whose turn it is, with what it was told before. */
export interface ChatToTell extends Wants {
  readonly told: ReadonlyMap<string, Told>
  /** Nothing was ever told to it. */
  readonly first: boolean
  /** What its people have now, as far as that is known. */
  readonly has: { readonly yieldPerYear: number | null; readonly keys: ReadonlySet<string> }
}

/**
 * What to tell each chat of a fresh snapshot: at most one message per chat. `telling.told` is to be written in the transaction that
 * accepts the message, and not at all when there is none; `telling.settled` at any time. Chats with neither are left out.
 */
export interface PoolMessage {
  readonly chatId: number
  readonly telling: Telling
}

export async function tellPools(
  at: { index: PoolIndex; nowMs: number; clock: () => number },
  chats: readonly ChatToTell[],
): Promise<PoolMessage[]> {
  const byId = new Map(chats.map((chat) => [chat.chatId, chat]))
  const messages: PoolMessage[] = []
  await matchChats(
    {
      index: at.index,
      giveWay: createSlices(at.clock),
      found: ({ chatId }, ranked) => {
        const chat = byId.get(chatId)
        if (!chat) return
        const { told, rules, has, first } = chat
        const telling = decideTelling({ ranked, told, rules, has, first, nowMs: at.nowMs })
        if (telling.tips.length > 0 || telling.settled.length > 0) messages.push({ chatId, telling })
      },
    },
    chats,
  )
  return messages
}
