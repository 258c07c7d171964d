import type { Kysely, Migration } from 'kysely'

/** What is remembered of markets that people lend to, and switches of the operator. */
export function poolTelling(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      const { schema } = db
      await schema
        .createTable('lender_states')
        .addColumn('chat_id', 'bigint', (column) =>
          column.notNull().references('chats.id').onDelete('cascade'),
        )
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('market', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('seen_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('lender_states_pk', ['chat_id', 'owner', 'market'])
        .execute()
      await schema.createIndex('lender_states_seen').on('lender_states').column('seen_at').execute()

      await schema
        .createTable('flags')
        .addColumn('name', 'text', (column) => column.primaryKey().notNull())
        .addColumn('set_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  }
}
