import { badRequest } from '../api-error.ts'
import { booleanParam, integerParam, textParam } from '../params.ts'
import type { Method, MethodTable } from './call.ts'

const LONGEST_TEXT = 200

const answerCallbackQuery: Method<'answerCallbackQuery'> = ({ world, params }) => {
  const query = world.callbacks.get(textParam(params, 'callback_query_id') ?? '')
  const oldest = world.clock.now() - world.options.callbackTtlSeconds * 1000
  if (query === undefined || query.at < oldest) {
    throw badRequest('query is too old and response timeout expired or query ID is invalid')
  }
  const text = textParam(params, 'text') ?? ''
  if (text.length > LONGEST_TEXT) throw badRequest('MESSAGE_TOO_LONG')
  // A second answer is taken and changes nothing: the person has already seen the first one.
  query.answer ??= {
    text: text === '' ? null : text,
    showAlert: booleanParam(params, 'show_alert'),
    url: textParam(params, 'url') ?? null,
    cacheTime: integerParam(params, 'cache_time') ?? 0,
  }
  world.changes.touch()
  return true
}

/** The methods that answer presses. */
export const callbackMethods = { answerCallbackQuery } satisfies MethodTable
