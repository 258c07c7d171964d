import type { UploadedFile } from './files.ts'

/** A multipart body taken apart. */
export interface MultipartBody {
  fields: Record<string, string>
  files: Map<string, UploadedFile>
}

interface Part {
  headers: Map<string, string>
  content: Buffer
}

const LINE = Buffer.from('\r\n')
const HEADERS_END = Buffer.from('\r\n\r\n')

function splitParts(body: Buffer, boundary: string): Buffer[] {
  const parts: Buffer[] = []
  const first = Buffer.from(`--${boundary}`)
  const next = Buffer.from(`\r\n--${boundary}`)
  let start = body.indexOf(first)
  if (start === -1) return parts
  start += first.length
  for (;;) {
    const end = body.indexOf(next, start)
    if (end === -1) return parts
    parts.push(body.subarray(start + LINE.length, end))
    start = end + next.length
  }
}

function readPart(part: Buffer): Part | null {
  const end = part.indexOf(HEADERS_END)
  if (end === -1) return null
  const lines = part.subarray(0, end).toString('utf8').split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { headers: new Map(headers), content: part.subarray(end + HEADERS_END.length) }
}

/** A value of a header such as `form-data; name="a"; filename=b.png`; quotes are optional. */
function headerValue(header: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^;]*))`, 'i').exec(header)
  return match === null ? undefined : (match[1]?.replace(/\\(.)/g, '$1') ?? match[2]?.trim())
}

/** Takes a multipart/form-data body apart; null when the content type has no boundary. */
export function parseMultipart(body: Buffer, contentType: string): MultipartBody | null {
  const boundary = headerValue(`;${contentType}`.replace(/^;[^;]*/, ''), 'boundary')
  if (boundary === undefined || boundary === '') return null
  const result: MultipartBody = { fields: {}, files: new Map() }
  for (const part of splitParts(body, boundary)) {
    const read = readPart(part)
    const disposition = read?.headers.get('content-disposition') ?? ''
    const name = headerValue(disposition, 'name')
    if (read === null || name === undefined) continue
    const fileName = headerValue(disposition, 'filename')
    if (fileName === undefined) {
      result.fields[name] = read.content.toString('utf8')
    } else {
      const type = read.headers.get('content-type') ?? 'application/octet-stream'
      // A copy: the file must not keep the whole request body in memory.
      result.files.set(name, { name: fileName, type, bytes: Buffer.from(read.content) })
    }
  }
  return result
}
