import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { apiError } from './api-error.ts'
import { toJson } from './big-int-text.ts'
import type { ApiFault } from './faults.ts'

interface Answering {
  response: ServerResponse
  fault: ApiFault
  /** Fires when the fake stops. */
  signal: AbortSignal
}

const DEFAULT_OVERSIZED_BYTES = 64 * 1024 * 1024
const GATEWAY_PAGE =
  '<!doctype html><html><head><title>Just a moment</title></head><body>Please wait</body></html>'

export function sendJson(
  response: ServerResponse,
  { status, body }: { status: number; body: unknown },
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(toJson(body))
}

/** Does what the fault says to the connection; false when the request is to be answered after all. */
export async function answerWithFault({ response, fault, signal }: Answering): Promise<boolean> {
  switch (fault.kind) {
    case 'hang':
      return true
    case 'slow':
      await delay(fault.ms, undefined, { signal })
      return false
    case 'status': {
      const retryAfter = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
      const type = fault.html === true ? 'text/html' : 'text/plain'
      const body = fault.html === true ? GATEWAY_PAGE : 'no'
      response.writeHead(fault.status, { 'content-type': type, ...retryAfter }).end(body)
      return true
    }
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end(GATEWAY_PAGE)
      return true
    case 'oversized':
      response.writeHead(200, { 'content-type': 'application/json' })
      await pipeline(zeros(fault.bytes ?? DEFAULT_OVERSIZED_BYTES), response)
      return true
    case 'errors': {
      const { message = 'Internal server error', code = 'INTERNAL_SERVER_ERROR' } = fault
      sendJson(response, { status: 200, body: { errors: [apiError({ message, code })], data: null } })
      return true
    }
    case 'ok':
    case 'down':
    case 'not-found-when-empty':
    case 'corrupt-page':
    case 'empty':
    case 'stale':
    case 'duplicates':
    case 'null-items':
    case 'null-state':
    case 'null-market':
    case 'null-health':
    case 'missing-field':
    case 'wrong-type':
    case 'garbage':
      return false
  }
}

function* zeros(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(64 * 1024, '0')
  for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length))
}
