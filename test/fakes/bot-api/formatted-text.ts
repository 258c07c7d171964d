import type { MessageEntity } from 'grammy/types'
import { badRequest } from './api-error.ts'
import { detectEntities } from './entities.ts'
import { checkEntities } from './entity-checks.ts'
import { type FormattedText, parseHtml } from './html.ts'
import { jsonParam, type Params, textParam } from './params.ts'

const TEXT_LIMIT = 4096
const CAPTION_LIMIT = 1024

function trim({ text, entities }: FormattedText): FormattedText {
  const first = Math.min(...entities.map(({ offset }) => offset), text.length)
  const lead = Math.min(text.length - text.trimStart().length, first)
  const kept = text.trimEnd().slice(lead)
  const moved = entities.map((entity): MessageEntity => {
    const offset = entity.offset - lead
    return { ...entity, offset, length: Math.min(entity.length, kept.length - offset) }
  })
  return { text: kept, entities: moved.filter(({ length }) => length > 0) }
}

function parse(params: Params, source: { text: string; entitiesName: string }): FormattedText {
  const mode = textParam(params, 'parse_mode')?.toLowerCase() ?? ''
  if (mode === 'html') return parseHtml(source.text)
  if (mode !== '') throw badRequest('unsupported parse_mode (this fake reads only HTML)')
  return { text: source.text, entities: checkEntities(source.text, jsonParam(params, source.entitiesName)) }
}

function finish(formatted: FormattedText): FormattedText {
  return { text: formatted.text, entities: detectEntities(formatted.text, formatted.entities) }
}

/** The text of a call, checked and with all its entities. */
export function readText(params: Params): FormattedText {
  const text = textParam(params, 'text') ?? ''
  if (text === '') throw badRequest('message text is empty')
  const formatted = trim(parse(params, { text, entitiesName: 'entities' }))
  if (formatted.text === '') throw badRequest('text must be non-empty')
  if (formatted.text.length > TEXT_LIMIT) throw badRequest('message is too long')
  return finish(formatted)
}

/** The caption of a call, checked and with all its entities; empty when there is none. */
export function readCaption(params: Params): FormattedText {
  const text = textParam(params, 'caption') ?? ''
  const formatted = trim(parse(params, { text, entitiesName: 'caption_entities' }))
  if (formatted.text.length > CAPTION_LIMIT) throw badRequest('message caption is too long')
  return finish(formatted)
}
