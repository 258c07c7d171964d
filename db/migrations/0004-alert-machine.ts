import { type Kysely, type Migration, sql } from 'kysely'

/** Settings of a chat, repeats and escalation, second looks, whole deliveries, the lease, pairing of a second chat. */
export function alertMachine(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      const { schema } = db
      await schema.alterTable('chats').addColumn('settings', 'text').execute()
      await schema.alterTable('chats').addColumn('critical_wad', 'text').execute()
      await schema.alterTable('chats').addColumn('escalate_to', 'bigint').execute()
      await schema.alterTable('thresholds').addColumn('critical_wad', 'text').execute()
      await schema.alterTable('alert_states').addColumn('ring', 'text').execute()
      await schema.alterTable('alert_states').addColumn('liquidation', 'text').execute()

      await schema.alterTable('outbox').addColumn('origin_chat_id', 'bigint').execute()
      await schema.alterTable('outbox').addColumn('second', 'text').execute()
      await schema
        .alterTable('outbox')
        .addColumn('hold_until', 'bigint', (column) => column.notNull().defaultTo(0))
        .execute()
      await schema
        .createIndex('outbox_waiting')
        .on('outbox')
        .column('chat_id')
        .where(sql.ref('state'), '=', sql.lit('pending'))
        .execute()
      await schema
        .createIndex('outbox_confirm')
        .on('outbox')
        .columns(['not_before', 'id'])
        .where(sql.ref('confirm'), '=', sql.lit('pending'))
        .execute()
      await schema.createIndex('outbox_history').on('outbox').columns(['chat_id', 'created_at']).execute()
      await schema.createIndex('outbox_superseded').on('outbox').column('superseded_by').execute()
      await schema.createIndex('outbox_delivery').on('outbox').column('delivery_id').execute()

      await schema
        .createTable('lease')
        .addColumn('name', 'text', (column) => column.primaryKey().notNull())
        .addColumn('holder', 'text', (column) => column.notNull())
        .addColumn('token', 'bigint', (column) => column.notNull())
        .addColumn('renewed_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()

      await schema
        .createTable('pairings')
        .addColumn('code', 'text', (column) => column.primaryKey().notNull())
        .addColumn('chat_id', 'bigint', (column) =>
          column.notNull().references('chats.id').onDelete('cascade'),
        )
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  }
}
