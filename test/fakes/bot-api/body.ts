import type { IncomingMessage } from 'node:http'
import { ApiError, badRequest } from './api-error.ts'
import { isRecord } from './defined.ts'
import type { UploadedFile } from './files.ts'
import { parseMultipart } from './multipart.ts'
import type { Params } from './params.ts'

/** The parameters and files of a request. */
export interface RequestBody {
  params: Params
  files: ReadonlyMap<string, UploadedFile>
}

const LARGEST_BODY = 52 * 1024 * 1024

/** Reads a whole body; refuses one that is too large, but reads it to its end so that the answer arrives. */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= LARGEST_BODY) chunks.push(chunk)
  }
  if (size > LARGEST_BODY) throw new ApiError({ code: 413, description: 'Request Entity Too Large' })
  return Buffer.concat(chunks)
}

function parseJson(bytes: Buffer): Params {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (isRecord(value)) return value
  } catch {
    // Falls through to the same refusal.
  }
  throw badRequest("can't parse request JSON object")
}

/** Reads the parameters of a call from the query and from a JSON, form or multipart body. */
export function parseBody(
  bytes: Buffer,
  request: { contentType: string; query: URLSearchParams },
): RequestBody {
  const { contentType } = request
  const query = Object.fromEntries(request.query)
  const none = new Map<string, UploadedFile>()
  if (bytes.length === 0) return { params: query, files: none }
  if (/^application\/json/i.test(contentType)) {
    return { params: { ...query, ...parseJson(bytes) }, files: none }
  }
  if (/^multipart\/form-data/i.test(contentType)) {
    const parts = parseMultipart(bytes, contentType)
    if (parts === null) throw badRequest('multipart body without a boundary')
    return { params: { ...query, ...parts.fields }, files: parts.files }
  }
  if (/^application\/x-www-form-urlencoded/i.test(contentType)) {
    const form = Object.fromEntries(new URLSearchParams(bytes.toString('utf8')))
    return { params: { ...query, ...form }, files: none }
  }
  return { params: query, files: none }
}
