import { FormattedString } from '@grammyjs/parse-mode'
import { type Context, GrammyError, InputFile } from 'grammy'
import type { BotStore } from '../../db/bot-store.ts'
import { keyboard } from '../views/keyboard.ts'
import { type View, view } from '../views/view.ts'
import { type AccessDeps, mayChangeSettings } from './access.ts'
import type { ChatQueue } from './chat-queue.ts'
import type { Answer, CommandEntry, Reply } from './command.ts'
import type { Quota } from './quota.ts'

export interface AnsweringDeps {
  readonly store: BotStore
  readonly queue: ChatQueue
  readonly quota: Quota
  readonly access: AccessDeps
  readonly newReference: () => string
  readonly onError: (error: unknown, reference: string) => void
  /** Time a person waited for a look, milliseconds. */
  readonly onLook: (ms: number) => void
  readonly now: () => number
}

export interface Asked {
  readonly entry: CommandEntry
  readonly text: string
  /** It came by a button: refusals go into the tap's answer instead of a message. */
  readonly tapped?: boolean
}

/** The way of every command: may they, have they asked too often, do it, answer in order. */
export function createAnswering(deps: AnsweringDeps): (ctx: Context, asked: Asked) => Promise<void> {
  function failed(error: unknown): View {
    const reference = deps.newReference()
    deps.onError(error, reference)
    return view(
      new FormattedString(
        `Something went wrong on my side (reference ${reference}). Alerts go on. Try again, or tell the operator.`,
      ),
    )
  }

  /** Why it is not done; empty when that was said already, `null` when it may be done. */
  async function refusal(ctx: Context, { entry, text }: Asked): Promise<string | null> {
    const { changes = false } = entry
    if (typeof changes === 'function' ? changes(text) : changes) {
      const access = await mayChangeSettings(ctx, deps.access)
      if (access === 'not-an-admin') return 'Only admins of this group can change what I watch here.'
      if (access === 'unknown')
        return 'I could not find out whether you are an admin here. Try again in a moment.'
    }
    if (!entry.looks || !ctx.from) return null
    const admission = deps.quota.admit(ctx.from.id)
    if (admission === 'ok') return null
    return admission === 'refused'
      ? 'You have asked often: 6 looks a minute and 60 an hour is what I can do for one person. Alerts are not affected.'
      : ''
  }

  async function run(ctx: Context, asked: Asked): Promise<Answer> {
    const chat = ctx.chat
    if (!chat) throw new Error('an update without a chat')
    const row = await deps.store.meet({ id: chat.id, kind: chat.type })
    return asked.entry.command({
      chatId: chat.id,
      threadId: threadOf(ctx),
      userId: ctx.from?.id ?? null,
      stopped: row.state === 'stopped',
      chatWarningWad: BigInt(row.warning_wad),
      text: asked.text,
    })
  }

  return async (ctx, asked) => {
    if (!ctx.chat) return
    const refused = await refusal(ctx, asked)
    if (refused !== null) {
      if (asked.tapped) await answerTap(ctx, refused === '' ? {} : { text: refused, show_alert: true })
      else if (refused !== '') await show(ctx, { view: view(new FormattedString(refused)), edit: false })
      return
    }
    if (asked.tapped) await answerTap(ctx)
    // Before anything is done: what is carried out must also be answered.
    if (deps.queue.isFull(ctx.chat.id)) {
      await show(ctx, { view: BUSY, edit: false })
      return
    }
    const startedAtMs = deps.now()
    const result = await run(ctx, asked).catch(failed)
    const accepted = deps.queue.run(ctx.chat.id, async () => {
      try {
        const reply: Reply = typeof result === 'function' ? await result().catch(failed) : result
        if (asked.entry.looks) deps.onLook(deps.now() - startedAtMs)
        await show(ctx, { view: reply, edit: asked.entry.edits ?? false })
        await reply.after?.()
      } catch (error) {
        deps.onError(error, deps.newReference())
      }
    })
    if (!accepted) await show(ctx, { view: BUSY, edit: false })
  }
}

/** A tap that waited too long can no longer be answered; what it asks for is still done. */
async function answerTap(ctx: Context, answer: { text?: string; show_alert?: boolean } = {}): Promise<void> {
  try {
    await ctx.answerCallbackQuery(answer)
  } catch (error) {
    if (!(error instanceof GrammyError)) throw error
  }
}

const BUSY = view(new FormattedString('One moment: I am still answering your last commands.'))

function threadOf(ctx: Context): number | null {
  return ctx.msg?.is_topic_message === true ? (ctx.msg.message_thread_id ?? null) : null
}

/** Sends a view to where the update came from, or into the message whose button was pressed. */
async function show(ctx: Context, what: { view: Reply; edit: boolean }): Promise<void> {
  if (!ctx.chat) return
  const { body, photo } = what.view
  const options = {
    entities: body.entities,
    link_preview_options: { is_disabled: true },
    ...keyboard(what.view),
  }
  if (what.edit && ctx.callbackQuery) {
    try {
      await ctx.editMessageText(body.text, options)
      return
    } catch (error) {
      if (!(error instanceof GrammyError)) throw error
      if (error.description.includes('message is not modified')) return
      // Too old or gone: answer below instead.
    }
  }
  const thread = threadOf(ctx)
  const place = thread === null ? {} : { message_thread_id: thread }
  if (photo) {
    await ctx.api.sendPhoto(ctx.chat.id, new InputFile(photo, 'chart.png'), {
      caption: body.text,
      caption_entities: body.entities,
      ...keyboard(what.view),
      ...place,
    })
    return
  }
  await ctx.api.sendMessage(ctx.chat.id, body.text, { ...options, ...place })
}
