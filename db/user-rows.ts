import SqliteConnection from 'better-sqlite3'

/** One row of the `user_data` table of an earlier bot, as it stands there. */
export interface UserRow {
  readonly chatId: unknown
  readonly address: unknown
  readonly data: unknown
}

export type UserRows =
  | { readonly ok: true; readonly rows: readonly UserRow[] }
  | { readonly ok: false; readonly why: string }

const COLUMNS = ['chat_id', 'address', 'data']

/** Reads the users out of another program's SQLite file, which is opened read-only. */
export function readUserRows(path: string): UserRows {
  let connection: SqliteConnection.Database | undefined
  try {
    connection = new SqliteConnection(path, { readonly: true, fileMustExist: true })
    // What a stranger's schema may define is not run.
    connection.pragma('trusted_schema = OFF')
    const table = connection
      .prepare("select 1 from sqlite_schema where type = 'table' and name = 'user_data'")
      .get()
    if (table === undefined) return { ok: false, why: 'it is a SQLite file without a table user_data' }
    const columns = connection.prepare("select name from pragma_table_info('user_data')").pluck().all()
    const missing = COLUMNS.filter((name) => !columns.includes(name))
    if (missing.length > 0)
      return { ok: false, why: `its table user_data has no column ${missing.join(', ')}` }
    const rows = connection
      .prepare<[], UserRow>(
        'select chat_id as chatId, address, data from user_data order by chat_id, address',
      )
      .safeIntegers()
      .all()
    return { ok: true, rows }
  } catch (error) {
    if (!(error instanceof SqliteConnection.SqliteError)) throw error
    return { ok: false, why: `SQLite cannot read it (${error.message})` }
  } finally {
    connection?.close()
  }
}
