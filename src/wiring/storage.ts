import { Api } from 'grammy'
import { onRefused } from '../../db/refused.ts'
import { createTelegramSender } from '../delivery/telegram.ts'
import { createStorageAlarm, type StorageAlarm } from '../ops/storage-alarm.ts'
import { storageView } from '../views/storage.ts'
import type { Context } from './context.ts'

const SEND_TIMEOUT_S = 8

/** Tells every admin when the database takes nothing more. Straight to Telegram: what cannot be stored cannot wait there. */
export function createStorage({
  config,
  log,
  db,
  gate,
}: Pick<Context, 'config' | 'log' | 'db' | 'gate'>): StorageAlarm {
  const { token, apiRoot, adminIds } = config.telegram
  const sender = createTelegramSender(new Api(token, { apiRoot, timeoutSeconds: SEND_TIMEOUT_S }))
  const alarm = createStorageAlarm({
    monotonicNow: () => performance.now(),
    async tell(reason) {
      log.error({ reason }, 'the database takes nothing more: no alert can be sent until there is room')
      const told = await Promise.all(
        adminIds.map(async (chatId) => {
          if (!(await gate.reply(chatId))) return false
          const view = storageView(reason)
          return (await sender.send({ chatId, threadId: null, view, silent: false })).kind === 'sent'
        }),
      )
      return adminIds.length === 0 || told.includes(true)
    },
    onError: (error) => {
      log.error({ err: error }, 'nobody could be told that nothing can be stored')
    },
  })
  onRefused(db, (reason) => {
    alarm.refused(reason)
  })
  return alarm
}
