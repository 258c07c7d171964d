const MAX_PENDING = 5

export interface ChatQueue {
  /** Runs tasks of one chat in order, chats side by side. `false` when that chat has too many waiting already. */
  run(chatId: number, task: () => Promise<void>): boolean
  /** Whether `run` would refuse a task of this chat. */
  isFull(chatId: number): boolean
  /** Resolves once nothing is under way. */
  idle(): Promise<void>
}

/** Answers in the order of the questions, without one chat's slow answer holding up another's. Tasks must not throw. */
export function createChatQueue(): ChatQueue {
  const chats = new Map<number, { pending: number; tail: Promise<void> }>()
  return {
    run(chatId, task) {
      const chat = chats.get(chatId) ?? { pending: 0, tail: Promise.resolve() }
      if (chat.pending >= MAX_PENDING) return false
      chat.pending += 1
      chats.set(chatId, chat)
      chat.tail = chat.tail.then(task).finally(() => {
        chat.pending -= 1
        if (chat.pending === 0) chats.delete(chatId)
      })
      return true
    },
    isFull: (chatId) => (chats.get(chatId)?.pending ?? 0) >= MAX_PENDING,
    async idle() {
      while (chats.size > 0) await Promise.all([...chats.values()].map(({ tail }) => tail))
    },
  }
}
