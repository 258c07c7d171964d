import type { BotApiControl, VisibleMessage } from '../fakes/bot-api/index.ts'

export interface TranscriptDeps {
  readonly control: BotApiControl
  readonly chat: number
  /** Name shown for the person in the chat. */
  readonly person: string
  readonly write: (text: string) => void
}

export interface Transcript {
  /** Prints what is new in the chat since the last call. */
  flush(): Promise<void>
  /** A line of the narrator, outside the chat. */
  say(text: string): Promise<void>
}

/** Prints a chat as it grows: who, when, text, buttons. */
export function createTranscript({ control, chat, person, write }: TranscriptDeps): Transcript {
  const shown = new Map<number, string>()

  async function flush(): Promise<void> {
    for (const message of await control.visible(chat)) {
      const rendered = render(message)
      const before = shown.get(message.id)
      if (before === rendered) continue
      shown.set(message.id, rendered)
      const who = message.from === 'bot' ? 'Buoy' : person
      const time = new Date(message.date * 1000).toISOString().slice(11, 19)
      const marks = [message.silent ? 'silent' : '', before === undefined ? '' : 'edited'].filter(
        (mark) => mark !== '',
      )
      write(`\n  ${who}  ${time}${marks.length > 0 ? `  (${marks.join(', ')})` : ''}\n${rendered}\n`)
    }
  }

  return {
    flush,
    async say(text) {
      await flush()
      write(`\n── ${text}\n`)
    },
  }
}

function render(message: VisibleMessage): string {
  const text = message.text
    .split('\n')
    .map((line) => `  │ ${line}`)
    .join('\n')
  const buttons = message.buttons.map((row) => `  │ ${row.map((button) => `[ ${button.text} ]`).join(' ')}`)
  return [text, ...buttons].join('\n')
}
