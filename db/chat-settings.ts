import { type ChatSettings, completeSettings, usableSettings } from '../src/domain/chat-settings.ts'
import { fromJson, toJson } from './json.ts'
import type { Executor } from './schema.ts'

/** A chat's settings as they are stored, with the defaults for whatever is missing or cannot be used. */
export function readSettings(stored: string | null): ChatSettings {
  return completeSettings(usableSettings(parsed(stored)))
}

/** Changes settings of a chat; only what differs from before is stored as this chat's own. Inside a transaction. */
export async function changeSettings(
  tx: Executor,
  { chatId, change }: { chatId: number; change: (before: ChatSettings) => ChatSettings },
): Promise<void> {
  const { settings } = await tx
    .selectFrom('chats')
    .select('settings')
    .where('id', '=', chatId)
    .executeTakeFirstOrThrow()
  const before = readSettings(settings)
  const after = change(before)
  const own = usableSettings(parsed(settings))
  const stored = {
    ...own,
    ...differing(before, after),
    repeatMinutes: { ...own.repeatMinutes, ...differing(before.repeatMinutes, after.repeatMinutes) },
  }
  await tx
    .updateTable('chats')
    .set({ settings: toJson(stored) })
    .where('id', '=', chatId)
    .execute()
}

function differing<T extends object>(before: T, after: T): Partial<T> {
  const changed = (Object.keys(after) as (keyof T)[]).filter((key) => before[key] !== after[key])
  return Object.fromEntries(changed.map((key) => [key, after[key]])) as Partial<T>
}

function parsed(stored: string | null): unknown {
  try {
    return stored === null ? null : fromJson(stored)
  } catch {
    return null
  }
}
