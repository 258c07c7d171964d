/** All messages together, per second: below the 30 that Telegram names. */
const PER_SECOND = 28
/** Of these, what alerts leave free for people who have asked something: a tenth. */
const FOR_REPLIES = 3
const CHAT_PAUSE_MS = 1_000
/** Somebody who types fast is answered at once, up to so many times; then once a second. */
const REPLY_BURST = 5
const GROUP_PER_MINUTE = 20
/** Of these, what replies leave free, so that talk in a group holds up no alert. */
const FOR_ALERTS = 4
/** Somebody who asked is not kept waiting for longer than this where Telegram wants silence. */
const LONGEST_SILENCE_MS = 30_000
const MINUTE_MS = 60_000
const KEPT_CHATS = 5_000

/** A place in the stream of messages. One of the two must be called. */
export interface Slot {
  /** A message to this chat leaves now. */
  use(chatId: number): void
  release(): void
}

/** The pace at which Telegram takes messages, for alerts and replies alike. Lives in memory: after a restart everything may go. */
export interface Gate {
  /** Waits until an alert may leave; `undefined` once `signal` fires. */
  slot(signal: AbortSignal): Promise<Slot | undefined>
  /** Chats that must not be written to now. */
  busyChats(): number[]
  /** Waits until a reply may leave for this chat, and counts it. `false`: Telegram wants silence there for too long. */
  reply(chatId: number): Promise<boolean>
  /** Telegram wants silence in this chat for so long. */
  silence(chatId: number, ms: number): void
}

interface Chat {
  /** Times of the messages of the last minute, oldest first. */
  readonly sent: number[]
  silentUntil: number
}

export interface GateDeps {
  /** Steady milliseconds. */
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
}

export function createGate({ now, pause }: GateDeps): Gate {
  const chats = new Map<number, Chat>()
  /** When the messages of the last second left, and who reserved one. */
  const left: { at: number; alert: boolean }[] = []
  let reserved = 0

  function trim(): void {
    const since = now() - 1_000
    while (left[0] !== undefined && left[0].at <= since) left.shift()
  }

  /** Milliseconds until one more may leave in all. */
  function waitOverall(alert: boolean): number {
    trim()
    const alerts = left.filter((one) => one.alert).length + reserved
    const full = left.length + reserved >= PER_SECOND || (alert && alerts >= PER_SECOND - FOR_REPLIES)
    return full ? Math.max(1, (left[0]?.at ?? now()) + 1_000 - now()) : 0
  }

  function chatOf(chatId: number): Chat {
    const known = chats.get(chatId)
    if (known) {
      while (known.sent[0] !== undefined && known.sent[0] <= now() - MINUTE_MS) known.sent.shift()
      return known
    }
    if (chats.size >= KEPT_CHATS) makeRoom()
    const chat = { sent: [], silentUntil: 0 }
    chats.set(chatId, chat)
    return chat
  }

  /** Idle chats go; when all are busy, those that may be written to again soonest. */
  function makeRoom(): void {
    for (const chatId of chats.keys()) {
      const { sent, silentUntil } = chatOf(chatId)
      if (sent.length === 0 && silentUntil <= now()) chats.delete(chatId)
    }
    if (chats.size < KEPT_CHATS) return
    const waits = [...chats.keys()].map((chatId) => ({ chatId, wait: waitFor(chatId, 'alert') }))
    waits.sort((a, b) => a.wait - b.wait)
    for (const { chatId } of waits.slice(0, KEPT_CHATS / 10)) chats.delete(chatId)
  }

  /** Milliseconds until this chat may be written to. A group has its limit per minute, whoever writes. */
  function waitFor(chatId: number, what: 'alert' | 'reply'): number {
    const { sent, silentUntil } = chatOf(chatId)
    const last = sent.at(-1)
    const pace = what === 'reply' ? replyPause(sent) : last === undefined ? 0 : last + CHAT_PAUSE_MS - now()
    const oldest = sent.at(what === 'alert' ? -GROUP_PER_MINUTE : FOR_ALERTS - GROUP_PER_MINUTE)
    const minute = chatId < 0 && oldest !== undefined ? oldest + MINUTE_MS - now() : 0
    return Math.max(0, silentUntil - now(), pace, minute)
  }

  /** Replies draw on a store of five that fills up by one a second; alerts draw on it too and never wait for it. */
  function replyPause(sent: readonly number[]): number {
    let credit = REPLY_BURST
    let at = sent[0] ?? now()
    for (const time of sent) {
      credit = Math.min(REPLY_BURST, credit + (time - at) / CHAT_PAUSE_MS) - 1
      at = time
    }
    credit = Math.min(REPLY_BURST, credit + (now() - at) / CHAT_PAUSE_MS)
    return credit >= 1 ? 0 : Math.ceil((1 - credit) * CHAT_PAUSE_MS)
  }

  function count(chatId: number, alert: boolean): void {
    left.push({ at: now(), alert })
    chatOf(chatId).sent.push(now())
  }

  return {
    async slot(signal) {
      for (;;) {
        if (signal.aborted) return undefined
        const wait = waitOverall(true)
        if (wait === 0) break
        await pause(wait)
      }
      reserved += 1
      let open = true
      const close = (): boolean => {
        const was = open
        if (open) reserved -= 1
        open = false
        return was
      }
      return {
        use(chatId) {
          if (close()) count(chatId, true)
        },
        release() {
          close()
        },
      }
    },
    busyChats: () => [...chats.keys()].filter((chatId) => waitFor(chatId, 'alert') > 0),
    async reply(chatId) {
      for (;;) {
        if (chatOf(chatId).silentUntil - now() > LONGEST_SILENCE_MS) return false
        const wait = Math.max(waitOverall(false), waitFor(chatId, 'reply'))
        if (wait === 0) break
        await pause(wait)
      }
      count(chatId, false)
      return true
    },
    silence(chatId, ms) {
      const chat = chatOf(chatId)
      chat.silentUntil = Math.max(chat.silentUntil, now() + ms)
    },
  }
}
