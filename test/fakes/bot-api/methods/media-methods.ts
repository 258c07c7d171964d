import { ApiError, badRequest } from '../api-error.ts'
import type { StoredFile, UploadedFile } from '../files.ts'
import { readCaption } from '../formatted-text.ts'
import { imageSize } from '../image-size.ts'
import { readKeyboard } from '../keyboard.ts'
import { addMessage, type MessageDraft, toDocument, toMessage, toPhotoSizes } from '../messages.ts'
import { textParam } from '../params.ts'
import type { FakeChat } from '../world.ts'
import type { Call, Method, MethodTable } from './call.ts'
import { readPlacement } from './placement.ts'

const MB = 1024 * 1024
const PHOTO_LIMIT = 10 * MB
const FILE_LIMIT = 50 * MB

type Kind = 'photo' | 'document'

function uploaded(call: Call, kind: Kind): UploadedFile | undefined {
  const value = textParam(call.params, kind)
  const attached = value?.startsWith('attach://') === true ? value.slice('attach://'.length) : kind
  return call.files.get(attached)
}

function storeFile(call: Call, kind: Kind): StoredFile {
  const { world, params } = call
  const folder = kind === 'photo' ? 'photos' : 'documents'
  const file = uploaded(call, kind)
  if (file !== undefined) {
    if (file.bytes.length === 0) throw badRequest('file must be non-empty')
    if (file.bytes.length > FILE_LIMIT) {
      throw new ApiError({ code: 413, description: 'Request Entity Too Large' })
    }
    if (kind === 'photo' && file.bytes.length > PHOTO_LIMIT) throw badRequest('too big for a photo')
    return world.files.add(file, folder)
  }
  const value = textParam(params, kind) ?? ''
  if (value === '' || value.startsWith('attach://')) throw badRequest(`there is no ${kind} in the request`)
  if (/^https?:\/\//i.test(value)) {
    // Telegram would fetch it. The fake goes nowhere and keeps the address as the content.
    const name = value.split('/').at(-1) ?? 'file'
    return world.files.add({ name, type: 'text/uri-list', bytes: Buffer.from(value) }, folder)
  }
  const known = world.files.byId(value)
  if (known === undefined) throw badRequest('wrong file identifier/HTTP URL specified')
  return known
}

/** Where the message goes and what is in it besides the file. */
function readDraft(call: Call): { chat: FakeChat; draft: MessageDraft } {
  const { world, params } = call
  const { chat, ...place } = readPlacement(world, params)
  const { text, entities } = readCaption(params)
  const keyboard = readKeyboard(params)
  const caption = text === '' ? null : text
  return { chat, draft: { from: world.bot.id, caption, entities, keyboard, ...place } }
}

const sendPhoto: Method<'sendPhoto'> = (call) => {
  const { chat, draft } = readDraft(call)
  const file = storeFile(call, 'photo')
  const photo = { file, ...imageSize(file.bytes) }
  const sent = addMessage(call.world, { chat, draft: { ...draft, photo } })
  return { ...toMessage(call.world, sent), photo: toPhotoSizes(photo) }
}

const sendDocument: Method<'sendDocument'> = (call) => {
  const { chat, draft } = readDraft(call)
  const document = storeFile(call, 'document')
  const sent = addMessage(call.world, { chat, draft: { ...draft, document } })
  return { ...toMessage(call.world, sent), document: toDocument(document) }
}

const getFile: Method<'getFile'> = ({ world, params }) => {
  const id = textParam(params, 'file_id') ?? ''
  if (id === '') throw badRequest('file_id not specified')
  const file = world.files.byId(id)
  if (file === undefined) throw badRequest('invalid file_id')
  return {
    file_id: file.id,
    file_unique_id: file.uniqueId,
    file_size: file.bytes.length,
    file_path: file.path,
  }
}

/** The methods that send and find files. */
export const mediaMethods = { sendPhoto, sendDocument, getFile } satisfies MethodTable
