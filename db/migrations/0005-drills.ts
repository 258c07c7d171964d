import type { Kysely, Migration } from 'kysely'

/** The last exercise of each chat. */
export function drills(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('drills')
        .addColumn('chat_id', 'bigint', (column) =>
          column.primaryKey().notNull().references('chats.id').onDelete('cascade'),
        )
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('position_id', 'bigint', (column) => column.notNull())
        .addColumn('started_at', 'bigint', (column) => column.notNull())
        .addColumn('ended_at', 'bigint')
        .execute()
      await db.schema.createIndex('drills_owner').on('drills').column('owner').execute()
    },
  }
}
