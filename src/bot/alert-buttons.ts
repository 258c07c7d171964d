import { type Bot, type Context, GrammyError } from 'grammy'
import type { InlineKeyboardButton } from 'grammy/types'
import type { PressedAlert } from '../../db/acknowledge.ts'
import type { BotStore } from '../../db/bot-store.ts'
import type { Check } from '../domain/check.ts'
import { SWITCHED_OFF } from '../domain/inspect.ts'
import { nowLine } from '../views/now-line.ts'
import { clockText } from '../views/numbers.ts'
import { plain } from '../views/plain.ts'
import { type AccessDeps, mayChangeSettings } from './access.ts'
import type { ChatQueue } from './chat-queue.ts'
import type { Quota } from './quota.ts'

export interface AlertButtonDeps {
  readonly store: BotStore
  readonly check: Check
  readonly queue: ChatQueue
  readonly quota: Quota
  readonly access: AccessDeps
  readonly now: () => number
}

const SNOOZE_MS = 3600_000
const NOW_MARK = '\n\nNow: '
const EXPIRED = 'This button has expired.'

/** The buttons under an alert. Each answers the tap and shows in the message itself what it did. */
export function registerAlertButtons(bot: Bot, deps: AlertButtonDeps): void {
  const { store, check, now } = deps
  bot.callbackQuery(/^(seen|snooze|norep|now):(\d{1,15})$/, async (ctx) => {
    const [, action = '', id = ''] = ctx.match
    if (!ctx.chat) return
    const at = { chatId: ctx.chat.id, rowId: Number(id) }
    const answer = await (action === 'seen'
      ? seen(ctx, at)
      : action === 'snooze'
        ? snooze(ctx, at)
        : action === 'norep'
          ? noRepeats(ctx, at)
          : refresh(ctx, at))
    await ctx.answerCallbackQuery(answer)
  })

  /** Somebody knows. Anybody in the chat may say so. */
  async function seen(ctx: Context, at: Place): Promise<TapAnswer> {
    const alert = await store.seen(at.chatId, at.rowId)
    if (!alert) return { text: EXPIRED }
    await relabel(ctx, { action: 'seen', text: `Seen ✓ ${plain(ctx.from?.first_name ?? '', 16)}`.trim() })
    return { text: 'Noted. A deeper level rings again.' }
  }

  /** Silence is a setting: in groups for admins only. */
  async function snooze(ctx: Context, at: Place): Promise<TapAnswer> {
    const access = await mayChangeSettings(ctx, deps.access)
    if (access !== 'allowed') return { text: 'Only admins of this group can snooze.', show_alert: true }
    const untilMs = now() + SNOOZE_MS
    const alert = await store.snooze(at.chatId, { rowId: at.rowId, untilMs })
    if (!alert) return { text: EXPIRED }
    const until = clockText(untilMs)
    await relabel(ctx, { action: 'snooze', text: `Snoozed until ${until}` })
    return { text: `No more of this level until ${until}. A deeper level rings at once.` }
  }

  async function noRepeats(ctx: Context, at: Place): Promise<TapAnswer> {
    const access = await mayChangeSettings(ctx, deps.access)
    if (access !== 'allowed') return { text: 'Only admins of this group can change this.', show_alert: true }
    const alert = await store.stopRepeats(at.chatId, at.rowId)
    if (!alert) return { text: EXPIRED }
    await relabel(ctx, { action: 'norep', text: 'No more repeats ✓' })
    return { text: `No repeats at ${alert.transition.to} here any more. /settings turns them on again.` }
  }

  /** Adds the present reading to the alert; the alert itself stays as it rang. */
  async function refresh(ctx: Context, at: Place): Promise<TapAnswer> {
    const alert = await store.alert(at.chatId, at.rowId)
    if (!alert) return { text: EXPIRED }
    if (ctx.from && deps.quota.admit(ctx.from.id) !== 'ok')
      return { text: 'A moment, please: you have asked often.' }
    deps.queue.run(at.chatId, () => appendNow(ctx, alert).catch(deps.access.onError))
    return {}
  }

  async function appendNow(ctx: Context, { ref }: PressedAlert): Promise<void> {
    const [checks] = await check({ wallets: [{ owner: ref.owner, known: [ref] }], protocols: [ref.protocol] })
    const position = checks?.flatMap(({ positions }) => positions).find((item) => item.ref.key === ref.key)
    const asked = checks?.some(({ protocol }) => protocol === ref.protocol) ?? false
    const reading = position?.reading ?? (asked ? null : SWITCHED_OFF)
    const message = ctx.callbackQuery?.message
    if (!message || !('text' in message)) return
    const [base = ''] = message.text.split(NOW_MARK)
    const entities = (message.entities ?? []).filter(({ offset, length }) => offset + length <= base.length)
    await edit(() =>
      ctx.editMessageText(`${base}${NOW_MARK}${nowLine(reading, now())}`, {
        entities,
        link_preview_options: { is_disabled: true },
        ...(message.reply_markup && { reply_markup: message.reply_markup }),
      }),
    )
  }
}

interface Place {
  readonly chatId: number
  readonly rowId: number
}

interface TapAnswer {
  readonly text?: string
  readonly show_alert?: boolean
}

/** Writes on the pressed button what it did; pressing it again does nothing new. */
async function relabel(ctx: Context, change: { action: string; text: string }): Promise<void> {
  const message = ctx.callbackQuery?.message
  if (!message || !('reply_markup' in message)) return
  const inline_keyboard = message.reply_markup.inline_keyboard.map((row) =>
    row.map((button): InlineKeyboardButton => {
      const pressed = 'callback_data' in button && button.callback_data.startsWith(`${change.action}:`)
      return pressed ? { ...button, text: change.text } : button
    }),
  )
  await edit(() => ctx.editMessageReplyMarkup({ reply_markup: { inline_keyboard } }))
}

/** An edit is a courtesy: when the message is gone or unchanged, nothing is lost. */
async function edit(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof GrammyError)) throw error
  }
}
