import type { Kysely, Migration } from 'kysely'

/** What chats want to hear of pools, what they were told, how yields went, and watched positions in pools. */
export function pools(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      const { schema } = db
      await schema
        .createTable('pool_rules')
        .addColumn('chat_id', 'bigint', (column) =>
          column.primaryKey().notNull().references('chats.id').onDelete('cascade'),
        )
        .addColumn('thread_id', 'bigint')
        .addColumn('enabled', 'integer', (column) => column.notNull())
        .addColumn('preset', 'text', (column) => column.notNull())
        .addColumn('rules', 'text', (column) => column.notNull())
        .addColumn('min_tvl_usd', 'double precision', (column) => column.notNull())
        .addColumn('due_at', 'bigint', (column) => column.notNull())
        .addColumn('first_told_at', 'bigint')
        .execute()
      await schema
        .createIndex('pool_rules_due')
        .on('pool_rules')
        .columns(['enabled', 'due_at', 'chat_id'])
        .execute()
      await schema
        .createIndex('pool_rules_tvl')
        .on('pool_rules')
        .columns(['enabled', 'min_tvl_usd'])
        .execute()

      await schema
        .createTable('pool_tokens')
        .addColumn('chat_id', 'bigint', (column) =>
          column.notNull().references('chats.id').onDelete('cascade'),
        )
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('symbol', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('pool_tokens_pk', ['chat_id', 'address'])
        .execute()

      await schema
        .createTable('pools_told')
        .addColumn('chat_id', 'bigint', (column) =>
          column.notNull().references('chats.id').onDelete('cascade'),
        )
        .addColumn('pool', 'text', (column) => column.notNull())
        .addColumn('yield_per_year', 'double precision', (column) => column.notNull())
        .addColumn('score', 'double precision', (column) => column.notNull())
        .addColumn('told_at', 'bigint', (column) => column.notNull())
        .addColumn('risen', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('pools_told_pk', ['chat_id', 'pool'])
        .execute()
      await schema.createIndex('pools_told_at').on('pools_told').column('told_at').execute()

      await schema
        .createTable('pool_yields')
        .addColumn('pool', 'text', (column) => column.notNull())
        .addColumn('grain', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('yield_per_year', 'double precision', (column) => column.notNull())
        .addColumn('tvl_usd', 'double precision')
        .addPrimaryKeyConstraint('pool_yields_pk', ['pool', 'grain', 'at'])
        .execute()
      await schema.createIndex('pool_yields_at').on('pool_yields').columns(['grain', 'at']).execute()

      await schema
        .createTable('lp_wallets')
        .addColumn('chat_id', 'bigint', (column) =>
          column.notNull().references('chats.id').onDelete('cascade'),
        )
        .addColumn('wallet', 'text', (column) => column.notNull())
        .addColumn('label', 'text')
        .addColumn('thread_id', 'bigint')
        .addColumn('due_at', 'bigint', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('lp_wallets_pk', ['chat_id', 'wallet'])
        .execute()
      await schema.createIndex('lp_wallets_due').on('lp_wallets').column('due_at').execute()

      await schema
        .createTable('lp_ranges')
        .addColumn('chat_id', 'bigint', (column) => column.notNull())
        .addColumn('wallet', 'text', (column) => column.notNull())
        .addColumn('position', 'text', (column) => column.notNull())
        .addColumn('range', 'text', (column) => column.notNull())
        .addColumn('unknown_since', 'bigint')
        .addColumn('unknown_told', 'integer', (column) => column.notNull())
        .addColumn('seen_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('lp_ranges_pk', ['chat_id', 'wallet', 'position'])
        .addForeignKeyConstraint(
          'lp_ranges_wallet',
          ['chat_id', 'wallet'],
          'lp_wallets',
          ['chat_id', 'wallet'],
          (constraint) => constraint.onDelete('cascade').onUpdate('cascade'),
        )
        .execute()
      await schema.createIndex('lp_ranges_seen').on('lp_ranges').column('seen_at').execute()
    },
  }
}
