import { FormattedString, fmt } from '@grammyjs/parse-mode'
import type { SecondChat } from '../domain/pairing.ts'
import { lines, type View, view } from './view.ts'

/** Who hears of what nobody answers here, in one line. */
export function secondChatLine(second: SecondChat): string {
  const warning = secondChatWarning(second)
  if (warning !== null) return warning
  return second === null
    ? 'No second chat: what nobody answers here, nobody else hears.'
    : 'A second chat hears of a critical loan that nobody answers for 10 min.'
}

/** Why the second chat hears nothing; `null` when all is well or there is none. */
export function secondChatWarning(second: SecondChat): string | null {
  switch (second) {
    case 'stopped':
      return '⚠️ The second chat has switched its alerts off: nothing reaches it. /resume there turns them on.'
    case 'unreachable':
      return '⚠️ The second chat cannot be reached: I was blocked or removed there. Write to me there, or pair another one.'
    case 'barred':
      return '⚠️ The second chat may not use this bot any more: nothing reaches it. Pair another one.'
    case 'active':
    case null:
      return null
  }
}

const BACK = { text: '‹ Settings', data: 'set:' }

/** The page of `/settings` about it. */
export function secondChatView(second: SecondChat): View {
  return view(
    lines([
      FormattedString.b('Second chat'),
      secondChatLine(second),
      '',
      'Pair another chat, with somebody else in it. When nobody here answers a critical loan for 10 min, I ring there. “Seen” there counts here too.',
    ]),
    [
      second === null
        ? [{ text: 'Make a code', data: 'set:second code' }]
        : [
            { text: 'Unpair', data: 'set:second unpair' },
            { text: 'Pair another', data: 'set:second code' },
          ],
      [BACK],
    ],
  )
}

/** A fresh code. `replaces`: another chat is paired until it is used. */
export function pairingCodeView(facts: { code: string; minutes: number; replaces: boolean }): View {
  return view(
    lines([
      fmt`Type this in the other chat within ${String(facts.minutes)} min: ${FormattedString.code(`/pair ${facts.code}`)}`,
      'I must be in that chat. In a group, an admin types it. The code works once; whoever has it can receive your critical alerts, so do not post it elsewhere.',
      facts.replaces ? 'It then takes the place of the second chat you have now.' : null,
    ]),
    [[{ text: 'Is it paired?', data: 'set:second' }, BACK]],
  )
}

export function unpairedView(was: boolean): View {
  return view(
    lines([
      was
        ? 'Unpaired. What nobody answers here, nobody else hears now.'
        : 'No second chat is paired. A code that was not used no longer works.',
    ]),
    [[{ text: 'Pair another', data: 'set:second code' }, BACK]],
  )
}

/** `/pair` in the second chat. */
export function pairedView(): View {
  return view(
    lines([
      FormattedString.b('✅ Paired. This is the second chat now.'),
      'When the other chat does not answer a critical loan for 10 min, it rings here. “Seen” here counts there too. /unpair ends it.',
    ]),
  )
}

/** To the first chat: its code was used. */
export function firstToldView(): View {
  return view(
    lines([
      FormattedString.b('✅ The second chat is paired.'),
      'It hears of a critical loan that nobody answers here for 10 min. Was that not you? Unpair it.',
    ]),
    [
      [
        { text: 'Unpair', data: 'set:second unpair' },
        { text: 'Settings', data: 'set:' },
      ],
    ],
  )
}

/** To the first chat: its second one wants no more. */
export function secondLeftView(): View {
  return view(
    lines([
      FormattedString.b('⚠️ Your second chat has left.'),
      'What nobody answers here, nobody else hears now.',
    ]),
    [[{ text: 'Pair another', data: 'set:second code' }]],
  )
}

/** To the second chat: the first one has unpaired it. */
export function letGoView(): View {
  return view(new FormattedString('A chat that sent its unanswered alerts here no longer does.'))
}

/** `/unpair`, in the second chat. */
export function unpairedFirstsView(firsts: number): View {
  if (firsts === 0) {
    return view(
      new FormattedString(
        'No chat sends its alerts here. To take away the second chat of this one, press Second chat.',
      ),
      [[{ text: 'Second chat', data: 'set:second' }]],
    )
  }
  return view(
    new FormattedString(
      firsts === 1
        ? 'One chat sent its unanswered alerts here. It no longer does, and I tell it.'
        : `${firsts} chats sent their unanswered alerts here. They no longer do, and I tell them.`,
    ),
  )
}
