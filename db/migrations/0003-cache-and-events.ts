import type { Kysely, Migration } from 'kysely'

/** What is remembered over a restart, how far events were read, and whom they touched. */
export function cacheAndEvents(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      const { schema } = db
      await schema
        .createTable('cache')
        .addColumn('key', 'text', (column) => column.primaryKey().notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('stored_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
      await schema.createIndex('cache_stored').on('cache').column('stored_at').execute()
      await schema.createIndex('cache_expires').on('cache').column('expires_at').execute()

      await schema
        .createTable('cursors')
        .addColumn('name', 'text', (column) => column.primaryKey().notNull())
        .addColumn('block', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute()

      await schema
        .createTable('dirty_owners')
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('protocol', 'text', (column) => column.notNull())
        .addColumn('since_block', 'bigint', (column) => column.notNull())
        .addColumn('marked_at', 'bigint', (column) => column.notNull())
        .addColumn('not_before', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('dirty_owners_pk', ['owner', 'protocol'])
        .execute()
      await schema
        .createIndex('dirty_owners_ready')
        .on('dirty_owners')
        .columns(['protocol', 'not_before', 'marked_at'])
        .execute()
    },
  }
}
