import { readText } from '../formatted-text.ts'
import { readKeyboard } from '../keyboard.ts'
import { addMessage, toMessage } from '../messages.ts'
import type { Method, MethodTable } from './call.ts'
import { readPlacement } from './placement.ts'

const sendMessage: Method<'sendMessage'> = ({ world, params }) => {
  const { chat, ...place } = readPlacement(world, params)
  const { text, entities } = readText(params)
  const keyboard = readKeyboard(params)
  const draft = { from: world.bot.id, text, entities, keyboard, ...place }
  return { ...toMessage(world, addMessage(world, { chat, draft })), text }
}

/** The methods that send text. */
export const sendMethods = { sendMessage } satisfies MethodTable
