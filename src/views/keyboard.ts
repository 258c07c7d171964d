import type { Button, View } from './view.ts'

type TelegramButton = { text: string; callback_data: string } | { text: string; url: string }

/** The buttons of a view in Telegram's shape; nothing when it has none. */
export function keyboard(view: View): { reply_markup?: { inline_keyboard: TelegramButton[][] } } {
  if (view.buttons.length === 0) return {}
  return { reply_markup: { inline_keyboard: view.buttons.map((row) => row.map(button)) } }
}

function button(item: Button): TelegramButton {
  return 'data' in item ? { text: item.text, callback_data: item.data } : { text: item.text, url: item.url }
}
