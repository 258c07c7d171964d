import type { Bed } from '../bed/bed.ts'
import type { CallbackAnswer, VisibleMessage } from '../fakes/bot-api/index.ts'

/** Longer than the twenty seconds for which an alarm may wait for its second look. */
const WAIT_MS = Number(process.env['BUOY_TEST_WAIT_MS'] ?? 28_000)

/** Somebody who talks with the bot in one chat, and reads on from where they stopped reading. */
export interface Person {
  readonly user: number
  readonly chat: number
  type(text: string, how?: Manner): Promise<void>
  /** Types and resolves with the answer that matches. */
  ask(text: string, answer: RegExp): Promise<VisibleMessage>
  press(button: string): Promise<void>
  /** As `press`, on one message or the newest that has the button; resolves with the answer to the tap. */
  tap(button: string, messageId?: number): Promise<CallbackAnswer>
  /** The next message of the bot, after those expected before, that matches. */
  expect(text: RegExp): Promise<VisibleMessage>
  /** The message once its text matches: it was edited. */
  expectEdit(messageId: number, text: RegExp): Promise<VisibleMessage>
  /** Everything the bot has said that is still visible. */
  seen(): Promise<VisibleMessage[]>
}

interface Manner {
  readonly replyTo?: number
  /** In the name of the group. */
  readonly anonymous?: boolean
}

export interface Place {
  readonly user: number
  readonly chat: number
  readonly topic?: number
}

/** Somebody with a private chat with the bot. */
export async function createPerson(bed: Bed, firstName: string): Promise<Person> {
  const { id } = await bed.telegram.control.createUser({ firstName })
  return personIn(bed, { user: id, chat: id })
}

/** A known user in any chat. */
export function personIn(bed: Bed, { user, chat, topic }: Place): Person {
  const { control } = bed.telegram
  let last = 0
  const person: Person = {
    user,
    chat,
    async type(text, how = {}) {
      const where = topic === undefined ? {} : { topic }
      const { messageId } = await control.say({ user, chat, text, ...where, ...how })
      last = Math.max(last, messageId)
    },
    async ask(text, answer) {
      await person.type(text)
      return person.expect(answer)
    },
    async press(button) {
      await person.tap(button)
    },
    tap: (button, messageId) =>
      control.press({
        user,
        chat,
        text: button,
        ...(messageId !== undefined && { messageId }),
        timeoutMs: WAIT_MS,
      }),
    async expect(text) {
      const message = await control.waitForMessage({ chat, text, after: last, timeoutMs: WAIT_MS })
      last = message.id
      return message
    },
    expectEdit: (messageId, text) =>
      control.waitForMessage({
        chat,
        text,
        where: ({ id, edited }) => id === messageId && edited,
        timeoutMs: WAIT_MS,
      }),
    async seen() {
      return (await control.visible(chat)).filter(({ from }) => from === 'bot')
    },
  }
  return person
}

/** All that the bot says to these words: the answer to a last command shows that every one of them was handled. */
export async function answersTo(person: Person, texts: readonly string[]): Promise<VisibleMessage[]> {
  const before = (await person.seen()).at(-1)?.id ?? 0
  const markers: number[] = []
  // A few at a time: more than that in a row, and the bot asks for a moment.
  for (let start = 0; start < texts.length; start += 3) {
    for (const text of texts.slice(start, start + 3)) await person.type(text)
    markers.push((await person.ask('/protocols', /Protocols on Monad/)).id)
  }
  const end = markers.at(-1) ?? before
  return (await person.seen()).filter(({ id }) => id > before && id < end && !markers.includes(id))
}

/** The first lines of what has rung so far. */
export async function rung(person: Person): Promise<string[]> {
  return (await person.seen())
    .map(({ text }) => text.split('\n')[0] ?? '')
    .filter((line) => /^[🟠🔴🆘⚫]/u.test(line) && !/ [🟠🔴🆘] /u.test(line))
}

/** The words on the buttons of a message. */
export function buttonsOf(message: VisibleMessage): string[] {
  return message.buttons.flat().map(({ text }) => text)
}

/** A loan of health 1.60: 1,000 WMON at $4 against 1,875 USDC. */
export function openLoan(bed: Bed): Promise<string> {
  return bed.chain.openPosition({
    supply: [{ asset: 'WMON', amount: '1000' }],
    borrow: [{ asset: 'USDC', amount: '1875' }],
  })
}
