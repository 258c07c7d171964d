import type { MessageEntity } from 'grammy/types'

type PlainType = MessageEntity.CommonMessageEntity['type']

const WELL_KNOWN_ENDINGS = 'com|org|net|io|xyz|app|dev|fi|finance|info|me'

/** In the order in which they win over each other. */
const PATTERNS: readonly (readonly [PlainType, RegExp])[] = [
  ['bot_command', /(?<![\w/<>])\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])/g],
  ['url', /(?<![\w@])(?:https?|ftp|tg):\/\/[^\s<>"']*[^\s<>"'.,;:!?()[\]{}]/gi],
  ['email', /(?<![\w.+-])[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?![\w-])/g],
  [
    'url',
    new RegExp(
      `(?<![\\w@./-])(?:[a-z0-9-]+\\.)+(?:${WELL_KNOWN_ENDINGS})(?![\\w-]|\\.\\w)(?:/[^\\s<>"']*[^\\s<>"'.,;:!?()])?`,
      'gi',
    ),
  ],
  ['mention', /(?<![\w@])@[A-Za-z0-9_]{3,32}(?![\w@])/g],
  ['hashtag', /(?<![\w#])#[\p{L}\p{N}_]*[\p{L}_][\p{L}\p{N}_]*/gu],
  ['cashtag', /(?<![\w$])\$[A-Z]{1,8}(?![\w$])/g],
]

function overlaps(one: MessageEntity, other: MessageEntity): boolean {
  return one.offset < other.offset + other.length && other.offset < one.offset + one.length
}

const HIDES_DETECTED = new Set<string>(['code', 'pre', 'text_link', 'text_mention', 'date_time'])

/** Sorts as Telegram does: by start, the longer one first. */
export function sortEntities(entities: readonly MessageEntity[]): MessageEntity[] {
  return [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length)
}

/**
 * Adds what Telegram finds in a text by itself: commands, links, mentions, tags.
 * Offsets count UTF-16 units.
 */
export function detectEntities(text: string, given: readonly MessageEntity[]): MessageEntity[] {
  const plainTypes = new Set<string>(PATTERNS.map(([type]) => type))
  const taken = given.filter(({ type }) => HIDES_DETECTED.has(type) || plainTypes.has(type))
  const found: MessageEntity[] = []
  for (const [type, pattern] of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const entity: MessageEntity = { type, offset: match.index, length: match[0].length }
      if (![...taken, ...found].some((other) => overlaps(entity, other))) found.push(entity)
    }
  }
  return sortEntities([...given, ...found])
}

/** The text under an entity. */
export function entityText(text: string, entity: { offset: number; length: number }): string {
  return text.slice(entity.offset, entity.offset + entity.length)
}
