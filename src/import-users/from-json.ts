import { type CollectedUsers, type Collector, chatPlace, createCollector } from './collector.ts'
import { describeJson, type ExactJson, membersOf } from './exact-json.ts'
import { named } from './printable.ts'

/** Reads `{ chat: { addresses: { address: settings } } }`; `undefined` when it is no object at all. */
export function collectFromJson(file: ExactJson): CollectedUsers | undefined {
  const chats = membersOf(file)
  if (!chats) return undefined
  const collector = createCollector()
  for (const [id, value] of chats) readChat(collector, { id, value })
  return collector.result()
}

function readChat(collector: Collector, { id, value }: { id: string; value: ExactJson }): void {
  const members = membersOf(value)
  if (!members) {
    collector.problem(
      [`chat ${named(id)}`],
      `read ${describeJson(value)}, expected an object. Nothing of this chat is imported.`,
    )
    return
  }
  const chatId = collector.chat(id)
  if (chatId === undefined) return
  for (const [field, member] of members) {
    if (field === 'addresses') readAddresses(collector, { chatId, value: member })
    else
      collector.problem([chatPlace(chatId), named(field)], 'Buoy does not know this field. It is left out.')
  }
}

function readAddresses(collector: Collector, { chatId, value }: { chatId: number; value: ExactJson }): void {
  const members = membersOf(value)
  if (!members) {
    collector.problem(
      [chatPlace(chatId), 'addresses'],
      `read ${describeJson(value)}, expected an object. The chat is imported without wallets.`,
    )
    return
  }
  for (const [address, settings] of members) {
    const owner = collector.wallet(chatId, address)
    if (owner) collector.settings({ chatId, owner }, settings)
  }
}
