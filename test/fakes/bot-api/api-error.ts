/** The `parameters` member of a Bot API error answer. */
export interface ErrorParameters {
  retry_after?: number
  migrate_to_chat_id?: number
}

/** What a refusal says, before it becomes the JSON body. */
export interface ApiErrorDetails {
  code: number
  description: string
  parameters?: ErrorParameters
}

/** A refusal that a Bot API method answers with. */
export class ApiError extends Error {
  readonly code: number
  readonly parameters: ErrorParameters | undefined

  constructor(details: ApiErrorDetails) {
    super(details.description)
    this.name = 'ApiError'
    this.code = details.code
    this.parameters = details.parameters
  }
}

/** A 400 answer; the text is what follows `Bad Request: `. */
export function badRequest(reason: string): ApiError {
  return new ApiError({ code: 400, description: `Bad Request: ${reason}` })
}

/** A 403 answer; the text is what follows `Forbidden: `. */
export function forbidden(reason: string): ApiError {
  return new ApiError({ code: 403, description: `Forbidden: ${reason}` })
}

/** A 409 answer; the text is what follows `Conflict: `. */
export function conflict(reason: string): ApiError {
  return new ApiError({ code: 409, description: `Conflict: ${reason}` })
}

/** A 429 answer that asks the caller to stay silent for some seconds. */
export function tooManyRequests(retryAfter: number): ApiError {
  return new ApiError({
    code: 429,
    description: `Too Many Requests: retry after ${retryAfter}`,
    parameters: { retry_after: retryAfter },
  })
}

/** The 401 answer to a token that the server does not know. */
export function unauthorized(): ApiError {
  return new ApiError({ code: 401, description: 'Unauthorized' })
}

/** The 400 answer that carries the new id of a group that became a supergroup. */
export function migrated(toChatId: number): ApiError {
  return new ApiError({
    code: 400,
    description: 'Bad Request: group chat was upgraded to a supergroup chat',
    parameters: { migrate_to_chat_id: toChatId },
  })
}

/** The JSON body of a refusal. */
export function errorBody(error: ApiError): object {
  return {
    ok: false,
    error_code: error.code,
    description: error.message,
    ...(error.parameters === undefined ? {} : { parameters: error.parameters }),
  }
}
