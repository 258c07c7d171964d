import { badRequest, conflict } from '../api-error.ts'
import { booleanParam, integerParam, jsonParam, type Params, textParam } from '../params.ts'
import { isUpdateKind, type UpdateKind } from '../update-kinds.ts'
import type { World } from '../world.ts'
import type { Method, MethodTable } from './call.ts'

function readAllowed(params: Params): UpdateKind[] | undefined {
  const allowed = jsonParam(params, 'allowed_updates')
  if (allowed === undefined) return undefined
  if (!Array.isArray(allowed)) throw badRequest("can't parse allowed_updates: expected an Array of String")
  return allowed.filter(isUpdateKind)
}

function readLimit(params: Params): number {
  const limit = integerParam(params, 'limit') ?? 100
  return limit >= 1 && limit <= 100 ? limit : 100
}

const getUpdates: Method<'getUpdates'> = ({ world, params, signal }) => {
  if (world.webhook !== null) {
    throw conflict(
      "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
  }
  const seconds = Math.min(Math.max(integerParam(params, 'timeout') ?? 0, 0), world.options.maxPollSeconds)
  return world.updates.poll(
    {
      offset: integerParam(params, 'offset') ?? 0,
      limit: readLimit(params),
      timeoutMs: seconds * 1000,
      allowed: readAllowed(params),
    },
    signal,
  )
}

function dropPending(world: World, params: Params): void {
  if (booleanParam(params, 'drop_pending_updates')) world.updates.clear()
}

const deleteWebhook: Method<'deleteWebhook'> = ({ world, params }) => {
  dropPending(world, params)
  world.webhook = null
  return true
}

const setWebhook: Method<'setWebhook'> = (call) => {
  const { world, params } = call
  const url = textParam(params, 'url') ?? ''
  if (url === '') return deleteWebhook(call)
  if (!/^https:\/\/\S+$/i.test(url)) {
    throw badRequest('bad webhook: An HTTPS URL must be provided for webhook')
  }
  dropPending(world, params)
  world.updates.setAllowed(readAllowed(params))
  world.webhook = { url, maxConnections: integerParam(params, 'max_connections') ?? 40 }
  world.updates.terminatePoll('terminated by setWebhook request')
  return true
}

const getWebhookInfo: Method<'getWebhookInfo'> = ({ world }) => {
  const allowed = world.updates.allowed()
  return {
    url: world.webhook?.url ?? '',
    has_custom_certificate: false,
    pending_update_count: world.updates.pending().length,
    ...(world.webhook === null ? {} : { max_connections: world.webhook.maxConnections }),
    ...(allowed.length === 0 ? {} : { allowed_updates: [...allowed] }),
  }
}

/** The methods that bring updates to the bot. */
export const updateMethods = { getUpdates, setWebhook, deleteWebhook, getWebhookInfo } satisfies MethodTable
