import type { Level } from '../src/domain/alerting/state.ts'
import { urgencyOfMessage } from '../src/domain/alerting/urgency.ts'
import { DRILL_MARKET, DRILL_OWNERS } from '../src/domain/drill.ts'
import type { SecondChat } from '../src/domain/pairing.ts'
import { loadStates, stateKey } from './alert-states.ts'
import { secondChatOf } from './pairings.ts'
import type { Executor } from './schema.ts'

export interface ChatSummary {
  readonly wallets: number
  /** Open loans with debt by level. */
  readonly levels: Partial<Record<Level, number>>
  readonly blind: number
  /** When the loan that was seen longest ago was last seen. */
  readonly oldestSeenMs: number | null
  readonly waitingAlerts: number
  readonly secondChat: SecondChat
  readonly loansByProtocol: Readonly<Record<string, number>>
}

/** What a chat has, for `/status` and `/protocols`. */
export async function chatSummary(db: Executor, chatId: number): Promise<ChatSummary> {
  const wallets = await db
    .selectFrom('watches')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('chat_id', '=', chatId)
    .where('owner', 'not like', `${DRILL_OWNERS}%`)
    .executeTakeFirstOrThrow()
  const positions = await db
    .selectFrom('alert_states')
    .innerJoin('positions', 'positions.id', 'alert_states.position_id')
    .select(['positions.id', 'positions.protocol'])
    .where('alert_states.chat_id', '=', chatId)
    .where('alert_states.closed', '=', 0)
    .where('positions.market', '<>', DRILL_MARKET)
    .execute()
  const states = await loadStates(
    db,
    positions.map(({ id }) => id),
  )
  const waiting = await db
    .selectFrom('outbox')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('chat_id', '=', chatId)
    .where('state', 'in', ['pending', 'sending'])
    .where('urgency', '<>', urgencyOfMessage('drill'))
    .executeTakeFirstOrThrow()
  const levels: Partial<Record<Level, number>> = {}
  const loansByProtocol: Record<string, number> = {}
  let blind = 0
  let oldestSeenMs: number | null = null
  for (const { id, protocol } of positions) {
    const state = states.get(stateKey({ chatId, positionId: id }))
    if (!state || state.last?.health.noDebt) continue
    levels[state.level] = (levels[state.level] ?? 0) + 1
    loansByProtocol[protocol] = (loansByProtocol[protocol] ?? 0) + 1
    if (state.blind) blind += 1
    const seenMs = state.last?.atMs ?? state.firstSeenMs
    if (oldestSeenMs === null || seenMs < oldestSeenMs) oldestSeenMs = seenMs
  }
  return {
    wallets: wallets.count,
    levels,
    blind,
    oldestSeenMs,
    waitingAlerts: waiting.count,
    secondChat: await secondChatOf(db, chatId),
    loansByProtocol,
  }
}
