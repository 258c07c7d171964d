import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { readUserRows } from '../../db/user-rows.ts'
import type { CollectedUsers } from './collector.ts'
import { parseExactJson } from './exact-json.ts'
import { collectFromJson } from './from-json.ts'
import { collectFromRows } from './from-rows.ts'

export type UserFile =
  | ({ readonly ok: true; readonly kind: 'JSON' | 'SQLite' } & CollectedUsers)
  | { readonly ok: false; readonly why: string }

const MAX_BYTES = 50 * 1024 * 1024
const SQLITE_MAGIC = 'SQLite format 3\0'

/** Reads the user file of an earlier lending bot, JSON or SQLite by its content. */
export function readUserFile(path: string): UserFile {
  const file = readBytes(path)
  if (!file.ok) return file
  if (file.bytes.subarray(0, SQLITE_MAGIC.length).toString('latin1') === SQLITE_MAGIC) {
    const read = readUserRows(path)
    return read.ok ? { ok: true, kind: 'SQLite', ...collectFromRows(read.rows) } : read
  }
  const json = parseExactJson(file.bytes)
  if (!json.ok) return { ok: false, why: `it ${json.why}, nor is it a SQLite file` }
  const users = collectFromJson(json.value)
  return users
    ? { ok: true, kind: 'JSON', ...users }
    : { ok: false, why: 'it is JSON, but not an object with chat ids as keys' }
}

function readBytes(path: string): { ok: true; bytes: Buffer } | { ok: false; why: string } {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const stat = fstatSync(file)
    if (!stat.isFile()) return { ok: false, why: 'it is not a file' }
    if (stat.size > MAX_BYTES) {
      const megabytes = Math.ceil(stat.size / 1024 / 1024)
      return { ok: false, why: `it has ${megabytes} MB; a user file can have 50 MB` }
    }
    return { ok: true, bytes: readFileSync(file) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return { ok: false, why: code === 'ENOENT' ? 'there is no such file' : `it cannot be opened (${code})` }
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
