import type { Kysely, Migration } from 'kysely'
import type { Dialect } from '../dialect.ts'

/** What people press: seen, snoozed, undo. */
export function buttons(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      const { schema } = db
      await schema.alterTable('alert_states').addColumn('seen', 'text').execute()
      await schema.alterTable('alert_states').addColumn('snooze', 'text').execute()
      await schema.alterTable('outbox').addColumn('seen_at', 'bigint').execute()
      await schema
        .createTable('undo')
        .addColumn('id', dialect === 'sqlite' ? 'integer' : 'bigint', (column) =>
          dialect === 'sqlite'
            ? column.primaryKey().autoIncrement()
            : column.primaryKey().generatedAlwaysAsIdentity(),
        )
        .addColumn('chat_id', 'bigint', (column) =>
          column.notNull().references('chats.id').onDelete('cascade'),
        )
        .addColumn('payload', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
      await schema.createIndex('undo_created').on('undo').column('created_at').execute()
    },
  }
}
