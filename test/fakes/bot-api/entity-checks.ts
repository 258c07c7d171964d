import type { MessageEntity } from 'grammy/types'
import { badRequest } from './api-error.ts'
import { isRecord } from './defined.ts'

const TYPES = new Set([
  'mention',
  'hashtag',
  'cashtag',
  'bot_command',
  'url',
  'email',
  'phone_number',
  'bold',
  'italic',
  'underline',
  'strikethrough',
  'spoiler',
  'blockquote',
  'expandable_blockquote',
  'code',
  'pre',
  'text_link',
  'text_mention',
  'custom_emoji',
  'date_time',
])

const NEEDED_FIELD: Readonly<Record<string, string>> = {
  text_link: 'url',
  text_mention: 'user',
  custom_emoji: 'custom_emoji_id',
  date_time: 'unix_time',
}

function cannotParse(reason: string): Error {
  return badRequest(`can't parse entities: ${reason}`)
}

function splitsPair(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1)
  const after = text.charCodeAt(at)
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff
}

function checkRange(text: string, range: { offset: number; length: number }): void {
  const { offset, length } = range
  const end = offset + length
  if (offset < 0 || length < 0) throw cannotParse(`entity has a negative place at UTF-16 offset ${offset}`)
  if (offset > text.length) {
    throw cannotParse(`entity begins after the end of the text at UTF-16 offset ${offset}`)
  }
  if (end > text.length) {
    throw cannotParse(
      `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${end}`,
    )
  }
  if (splitsPair(text, offset)) {
    throw cannotParse(`entity begins in a middle of a UTF-16 symbol at UTF-16 offset ${offset}`)
  }
  if (splitsPair(text, end)) {
    throw cannotParse(
      `entity beginning at UTF-16 offset ${offset} ends in a middle of a UTF-16 symbol at UTF-16 offset ${end}`,
    )
  }
}

/** Checks a list of entities against its text; ones without length are dropped. */
export function checkEntities(text: string, entities: unknown): MessageEntity[] {
  if (entities === undefined) return []
  if (!Array.isArray(entities)) throw badRequest("can't parse entities: expected an Array of MessageEntity")
  return entities.flatMap((entity: unknown) => {
    if (!isRecord(entity)) throw cannotParse('expected an Object')
    const { type, offset, length } = entity
    if (typeof type !== 'string' || !TYPES.has(type)) throw cannotParse('unsupported entity type specified')
    if (!Number.isInteger(offset) || !Number.isInteger(length)) {
      throw cannotParse('fields "offset" and "length" must be of type Number')
    }
    const field = NEEDED_FIELD[type]
    if (field !== undefined && entity[field] === undefined) throw cannotParse(`can't find field "${field}"`)
    const range = { offset: Number(offset), length: Number(length) }
    checkRange(text, range)
    return range.length === 0 ? [] : [entity as unknown as MessageEntity]
  })
}
