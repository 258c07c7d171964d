import type { Executor } from './schema.ts'

/** What a chat wants and was told of pools goes with it to its new id; what is there already stays. */
export async function movePools(tx: Executor, { from, to }: { from: number; to: number }): Promise<void> {
  const taken = await tx
    .selectFrom('pool_rules')
    .select('chat_id')
    .where('chat_id', '=', to)
    .executeTakeFirst()
  if (!taken) {
    await tx.updateTable('pool_rules').set({ chat_id: to }).where('chat_id', '=', from).execute()
  }
  await tx
    .updateTable('pool_tokens')
    .set({ chat_id: to })
    .where('chat_id', '=', from)
    .where('address', 'not in', tx.selectFrom('pool_tokens').select('address').where('chat_id', '=', to))
    .execute()
  await tx
    .updateTable('pools_told')
    .set({ chat_id: to })
    .where('chat_id', '=', from)
    .where('pool', 'not in', tx.selectFrom('pools_told').select('pool').where('chat_id', '=', to))
    .execute()
  const states = await tx
    .selectFrom('lender_states')
    .select(['owner', 'market'])
    .where('chat_id', '=', to)
    .execute()
  // With a state of its own there the new chat was told already.
  if (states.length === 0)
    await tx.updateTable('lender_states').set({ chat_id: to }).where('chat_id', '=', from).execute()
  // Their ranges follow by themselves.
  await tx
    .updateTable('lp_wallets')
    .set({ chat_id: to })
    .where('chat_id', '=', from)
    .where('wallet', 'not in', tx.selectFrom('lp_wallets').select('wallet').where('chat_id', '=', to))
    .execute()
}
