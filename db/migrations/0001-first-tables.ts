import { type CreateTableBuilder, type Kysely, type Migration, sql } from 'kysely'
import type { Dialect } from '../dialect.ts'

/** Chats, watched wallets, thresholds, positions, alert states, outbox. */
export function firstTables(dialect: Dialect): Migration {
  const idType = dialect === 'sqlite' ? 'integer' : 'bigint'
  // SQLite's plain rowid is handed out anew after a delete; an id in an old button must never mean another wallet.
  function withId(table: CreateTableBuilder<string>): CreateTableBuilder<string, 'id'> {
    return table.addColumn('id', idType, (column) =>
      dialect === 'sqlite'
        ? column.primaryKey().autoIncrement()
        : column.primaryKey().generatedAlwaysAsIdentity(),
    )
  }

  return {
    async up(db: Kysely<unknown>) {
      const { schema } = db
      await schema
        .createTable('chats')
        .addColumn('id', 'bigint', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('warning_wad', 'text', (column) => column.notNull())
        .addColumn('quiet_until', 'bigint', (column) => column.notNull().defaultTo(0))
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()

      await withId(schema.createTable('watches'))
        .addColumn('chat_id', 'bigint', (column) =>
          column.notNull().references('chats.id').onDelete('cascade'),
        )
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('label', 'text')
        .addColumn('thread_id', 'bigint')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addUniqueConstraint('watches_chat_owner', ['chat_id', 'owner'])
        .execute()
      await schema.createIndex('watches_owner').on('watches').column('owner').execute()

      await schema
        .createTable('thresholds')
        .addColumn('watch_id', idType, (column) =>
          column.notNull().references('watches.id').onDelete('cascade'),
        )
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('target', 'text', (column) => column.notNull())
        .addColumn('warning_wad', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('thresholds_pk', ['watch_id', 'scope', 'target'])
        .execute()

      await withId(schema.createTable('positions'))
        .addColumn('key', 'text', (column) => column.notNull().unique())
        .addColumn('protocol', 'text', (column) => column.notNull())
        .addColumn('market', 'text', (column) => column.notNull())
        .addColumn('market_name', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('phase', 'integer', (column) => column.notNull())
        .addColumn('active', 'integer', (column) => column.notNull())
        .addColumn('found_at', 'bigint', (column) => column.notNull())
        .execute()
      await schema.createIndex('positions_owner').on('positions').column('owner').execute()
      await schema
        .createIndex('positions_due')
        .on('positions')
        .column('phase')
        .where(sql.ref('active'), '=', sql.lit(1))
        .execute()

      await schema
        .createTable('alert_states')
        .addColumn('chat_id', 'bigint', (column) =>
          column.notNull().references('chats.id').onDelete('cascade'),
        )
        .addColumn('position_id', idType, (column) =>
          column.notNull().references('positions.id').onDelete('cascade'),
        )
        .addColumn('level', 'text', (column) => column.notNull())
        .addColumn('blind', 'integer', (column) => column.notNull())
        .addColumn('episode', 'integer', (column) => column.notNull())
        .addColumn('seq', 'integer', (column) => column.notNull())
        .addColumn('last_block', 'bigint', (column) => column.notNull())
        .addColumn('last_reading', 'text')
        .addColumn('ring_health_wad', 'text')
        .addColumn('clear', 'text', (column) => column.notNull())
        .addColumn('unseen', 'text')
        .addColumn('absent', 'text')
        .addColumn('closed', 'integer', (column) => column.notNull())
        .addColumn('first_seen_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('alert_states_pk', ['chat_id', 'position_id'])
        .execute()
      await schema.createIndex('alert_states_position').on('alert_states').column('position_id').execute()

      await withId(schema.createTable('outbox'))
        .addColumn('key', 'text', (column) => column.notNull().unique())
        .addColumn('chat_id', 'bigint', (column) => column.notNull())
        .addColumn('thread_id', 'bigint')
        .addColumn('position_id', idType, (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('episode', 'integer', (column) => column.notNull())
        .addColumn('seq', 'integer', (column) => column.notNull())
        .addColumn('urgency', 'integer', (column) => column.notNull())
        .addColumn('health_wad_sort', 'text', (column) => column.notNull())
        .addColumn('payload', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('confirm', 'text', (column) => column.notNull())
        .addColumn('not_before', 'bigint', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('delivery_id', 'text')
        .addColumn('lease_token', 'bigint')
        .addColumn('sending_at', 'bigint')
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .addColumn('maybe_repeat', 'integer', (column) => column.notNull())
        .addColumn('plain', 'integer', (column) => column.notNull())
        .addColumn('message_id', 'bigint')
        .addColumn('settled_at', 'bigint')
        .addColumn('superseded_by', idType)
        .addColumn('last_error', 'text')
        .execute()
      await schema
        .createIndex('outbox_ready')
        .on('outbox')
        .columns(['urgency', 'health_wad_sort', 'id'])
        .where(sql.ref('state'), '=', sql.lit('pending'))
        .execute()
      await schema
        .createIndex('outbox_sending')
        .on('outbox')
        .column('chat_id')
        .where(sql.ref('state'), '=', sql.lit('sending'))
        .execute()
      await schema.createIndex('outbox_position').on('outbox').columns(['chat_id', 'position_id']).execute()
    },
  }
}
