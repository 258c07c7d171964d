import type { UserRow } from '../../db/user-rows.ts'
import { shortAddress } from '../domain/address.ts'
import { type CollectedUsers, chatPlace, createCollector } from './collector.ts'
import { type ExactJson, parseExactJson } from './exact-json.ts'

/** Reads rows of `user_data`: one wallet of one chat each, its settings as JSON. */
export function collectFromRows(rows: readonly UserRow[]): CollectedUsers {
  const collector = createCollector()
  for (const row of rows) {
    const chatId = collector.chat(textOfCell(row.chatId))
    if (chatId === undefined) continue
    const owner = collector.wallet(chatId, textOfCell(row.address))
    if (owner === undefined) continue
    const settings = parseCell(row.data)
    if (settings !== undefined) {
      collector.settings({ chatId, owner }, settings)
      continue
    }
    collector.problem(
      [chatPlace(chatId), shortAddress(owner), 'data'],
      'is not JSON. The wallet is imported without thresholds.',
    )
  }
  return collector.result()
}

/** SQLite keeps any type in any column; a chat id is often a number. */
function textOfCell(cell: unknown): string {
  return typeof cell === 'string' || typeof cell === 'bigint' ? String(cell) : `(${typeNameOf(cell)})`
}

function typeNameOf(cell: unknown): string {
  if (cell === null) return 'null'
  return cell instanceof Uint8Array ? 'bytes' : typeof cell
}

function parseCell(cell: unknown): ExactJson | undefined {
  if (typeof cell !== 'string') return undefined
  const parsed = parseExactJson(Buffer.from(cell))
  return parsed.ok ? parsed.value : undefined
}
