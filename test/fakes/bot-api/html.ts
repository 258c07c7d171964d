import type { MessageEntity } from 'grammy/types'
import { badRequest } from './api-error.ts'
import { sortEntities } from './entities.ts'

/** A text without its marks, and where the marks were. */
export interface FormattedText {
  text: string
  entities: MessageEntity[]
}

interface OpenTag {
  name: string
  attributes: ReadonlyMap<string, string>
  start: number
}

const PLAIN: Readonly<Record<string, MessageEntity.CommonMessageEntity['type']>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  code: 'code',
  'tg-spoiler': 'spoiler',
}
const SUPPORTED = new Set([...Object.keys(PLAIN), 'a', 'pre', 'span', 'blockquote'])
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }
const START = /<([a-z][\w-]*)((?:\s+[\w-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*)\s*>/iy
const ATTRIBUTE = /([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g
const END = /<\/([a-z][\w-]*)?\s*>/iy
const REFERENCE = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(lt|gt|amp|quot));?/iy

function fail(reason: string): Error {
  return badRequest(`can't parse entities: ${reason}`)
}

function matchAt(pattern: RegExp, place: { html: string; at: number }): RegExpExecArray | null {
  pattern.lastIndex = place.at
  return pattern.exec(place.html)
}

function decode(reference: RegExpExecArray): string {
  const [whole, decimal, hex, name] = reference
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole
}

function decodeAll(value: string): string {
  return value.replace(new RegExp(REFERENCE.source, 'gi'), (whole) => {
    const reference = matchAt(REFERENCE, { html: whole, at: 0 })
    return reference === null ? whole : decode(reference)
  })
}

function readAttributes(source: string): ReadonlyMap<string, string> {
  const pairs = [...source.matchAll(ATTRIBUTE)].map(([, name, double, single, bare]) => {
    return [(name ?? '').toLowerCase(), decodeAll(double ?? single ?? bare ?? '')] as const
  })
  return new Map(pairs)
}

function closeTag(
  tag: OpenTag,
  range: { offset: number; length: number; inner: string },
): MessageEntity | null {
  const { offset, length, inner } = range
  const plain = PLAIN[tag.name]
  if (plain !== undefined) return { type: plain, offset, length }
  if (tag.name === 'pre') return { type: 'pre', offset, length }
  if (tag.name === 'span') return { type: 'spoiler', offset, length }
  if (tag.name === 'blockquote') {
    return { type: tag.attributes.has('expandable') ? 'expandable_blockquote' : 'blockquote', offset, length }
  }
  const url = tag.attributes.get('href') ?? inner
  return /^(?:https?|ftp|tg|tonsite):\/\/\S+$/i.test(url) ? { type: 'text_link', offset, length, url } : null
}

/** A `code` with a language directly inside a `pre` makes one `pre` with that language. */
function mergePre(entities: MessageEntity[], languages: ReadonlyMap<MessageEntity, string>): MessageEntity[] {
  const same = (a: MessageEntity, b: MessageEntity) => a.offset === b.offset && a.length === b.length
  return entities.flatMap((entity) => {
    if (entity.type === 'code' && entities.some((other) => other.type === 'pre' && same(entity, other)))
      return []
    const inner = entities.find((other) => other.type === 'code' && same(entity, other))
    const language = inner === undefined ? undefined : languages.get(inner)
    return entity.type === 'pre' && language !== undefined ? [{ ...entity, language }] : [entity]
  })
}

/** Reads Telegram's HTML style and throws its 400 answers. Offsets in errors count UTF-8 bytes. */
export function parseHtml(html: string): FormattedText {
  const open: OpenTag[] = []
  const entities: MessageEntity[] = []
  const languages = new Map<MessageEntity, string>()
  let text = ''
  let at = 0

  const here = () => Buffer.byteLength(html.slice(0, at))
  const readStart = () => {
    const name = /^<([a-z][\w-]*)?/i.exec(html.slice(at))?.[1]?.toLowerCase() ?? ''
    if (!SUPPORTED.has(name)) throw fail(`Unsupported start tag "${name}" at byte offset ${here()}`)
    const match = matchAt(START, { html, at })
    if (match === null) throw fail(`Unclosed start tag at byte offset ${here()}`)
    const attributes = readAttributes(match[2] ?? '')
    if (name === 'span' && attributes.get('class') !== 'tg-spoiler') {
      throw fail(`Tag "span" must have class "tg-spoiler" at byte offset ${here()}`)
    }
    open.push({ name, attributes, start: text.length })
    at += match[0].length
  }
  const readEnd = () => {
    const match = matchAt(END, { html, at })
    if (match === null) throw fail(`Unclosed end tag at byte offset ${here()}`)
    const tag = open.pop()
    if (tag === undefined) throw fail(`Unexpected end tag at byte offset ${here()}`)
    const name = match[1]?.toLowerCase() ?? tag.name
    if (name !== tag.name) {
      throw fail(`Unmatched end tag at byte offset ${here()}, expected "</${tag.name}>", found "</${name}>"`)
    }
    const range = { offset: tag.start, length: text.length - tag.start, inner: text.slice(tag.start) }
    const entity = range.length === 0 ? null : closeTag(tag, range)
    const language = /^language-(.+)$/.exec(tag.attributes.get('class') ?? '')?.[1]
    if (entity !== null) entities.push(entity)
    if (entity !== null && language !== undefined) languages.set(entity, language)
    at += match[0].length
  }

  while (at < html.length) {
    const char = html.charAt(at)
    const reference = char === '&' ? matchAt(REFERENCE, { html, at }) : null
    if (reference !== null) {
      text += decode(reference)
      at += reference[0].length
    } else if (char === '<' && html.charAt(at + 1) === '/') readEnd()
    else if (char === '<') readStart()
    else {
      text += char
      at += 1
    }
  }
  const unclosed = open.at(-1)
  if (unclosed !== undefined) {
    throw fail(`Can't find end tag corresponding to start tag "${unclosed.name}"`)
  }
  return { text, entities: mergePre(sortEntities(entities), languages) }
}
