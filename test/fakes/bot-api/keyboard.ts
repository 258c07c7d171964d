import type { InlineKeyboardButton } from 'grammy/types'
import { badRequest } from './api-error.ts'
import { isRecord } from './defined.ts'
import { jsonParam, type Params } from './params.ts'

const ACTIONS = [
  'url',
  'callback_data',
  'web_app',
  'login_url',
  'disabled',
  'switch_inline_query',
  'switch_inline_query_current_chat',
  'switch_inline_query_chosen_chat',
  'copy_text',
  'callback_game',
  'pay',
]
const OTHER_MARKUPS = ['keyboard', 'remove_keyboard', 'force_reply']
const MOST_BUTTONS = 100

function cannotParse(reason: string): Error {
  return badRequest(`can't parse inline keyboard button: ${reason}`)
}

function checkUrl(url: unknown): void {
  const text = typeof url === 'string' ? url : ''
  if (!/^(?:https?:\/\/|tg:\/\/|ton:\/\/)?[^\s/]+\.[^\s]+$|^tg:\/\/\S+$/i.test(text)) {
    throw badRequest(`inline keyboard button URL '${text}' is invalid: Wrong HTTP URL`)
  }
}

function checkButton(button: unknown): InlineKeyboardButton {
  if (!isRecord(button)) throw cannotParse('InlineKeyboardButton must be an Object')
  const { text, callback_data: data } = button
  if (typeof text !== 'string') throw cannotParse('Field "text" must be of type String')
  if (text.trim() === '') throw badRequest('inline keyboard button text must be non-empty')
  const actions = ACTIONS.filter((action) => button[action] !== undefined)
  if (actions.length === 0) throw cannotParse('Text buttons are unallowed in the inline keyboard')
  if (data !== undefined) {
    const bytes = typeof data === 'string' ? Buffer.byteLength(data) : 0
    if (bytes < 1 || bytes > 64) throw badRequest('BUTTON_DATA_INVALID')
  }
  if (button['url'] !== undefined) checkUrl(button['url'])
  return button as unknown as InlineKeyboardButton
}

/**
 * The inline keyboard of a call: checked rows, or null when there is none.
 * Other kinds of markup are accepted and not kept.
 */
export function readKeyboard(params: Params): InlineKeyboardButton[][] | null {
  const markup = jsonParam(params, 'reply_markup')
  if (markup === undefined) return null
  if (!isRecord(markup)) throw badRequest('object expected as reply markup')
  const rows = markup['inline_keyboard']
  if (rows === undefined) {
    if (OTHER_MARKUPS.some((kind) => markup[kind] !== undefined) || Object.keys(markup).length === 0)
      return null
    throw badRequest("can't parse reply keyboard markup JSON object")
  }
  if (!Array.isArray(rows) || !rows.every((row) => Array.isArray(row))) {
    throw badRequest('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
  }
  const checked = rows.map((row: unknown[]) => row.map(checkButton)).filter((row) => row.length > 0)
  if (checked.flat().length > MOST_BUTTONS) throw badRequest('reply markup is too long')
  return checked.length === 0 ? null : checked
}
