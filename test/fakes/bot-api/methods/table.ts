import { botMethods } from './bot-methods.ts'
import type { Call, MethodTable } from './call.ts'
import { callbackMethods } from './callback-methods.ts'
import { chatMethods } from './chat-methods.ts'
import { commandMethods } from './command-methods.ts'
import { editMethods } from './edit-methods.ts'
import { mediaMethods } from './media-methods.ts'
import { sendMethods } from './send-methods.ts'
import { updateMethods } from './update-methods.ts'

/** Every method the fake has. */
export const METHODS = {
  ...botMethods,
  ...updateMethods,
  ...sendMethods,
  ...mediaMethods,
  ...editMethods,
  ...callbackMethods,
  ...chatMethods,
  ...commandMethods,
} satisfies MethodTable

/** A method whose answer nobody looks into any more. */
type AnyMethod = (call: Call) => unknown

const BY_LOWER_NAME = new Map(
  Object.entries<AnyMethod>(METHODS).map((entry) => [entry[0].toLowerCase(), entry]),
)

/** Finds a method; names are read without regard to case, as Telegram does. */
export function findMethod(name: string): { name: string; run: AnyMethod } | undefined {
  const entry = BY_LOWER_NAME.get(name.toLowerCase())
  return entry === undefined ? undefined : { name: entry[0], run: entry[1] }
}
