import type { BotApiControl } from './control/client.ts'
import { runControl } from './control/http.ts'
import { asPromises, createControlTable } from './control/table.ts'
import { createWaits } from './control/waits.ts'
import { dispatch } from './dispatch.ts'
import { createFaultQueue } from './faults.ts'
import { type FakeBotApiOptions, resolveOptions } from './options.ts'
import { createRateLimits } from './rate-limits.ts'
import { createRequestLog } from './record.ts'
import { createListener, type ServerHandlers, serve } from './server.ts'
import { createWorld } from './world.ts'

export type * from './control/api.ts'
export { type BotApiControl, createControlClient } from './control/client.ts'
export type { WaitForMessage, WaitForRequests, WaitOptions } from './control/waits.ts'
export type { Fault, FaultMatch, FaultRule, QueuedFault } from './faults.ts'
export { DEFAULT_TOKEN, type FakeBotApiOptions, type LimitNumbers, type LimitSetting } from './options.ts'
export type { Breach, BreachKind } from './rate-limits.ts'
export type { RequestFilter, RequestRecord } from './record.ts'
export type { VisibleButton, VisibleMessage } from './visible.ts'
export type { CallbackAnswer, MemberStatus } from './world.ts'

/** A running fake Bot API. */
export interface FakeBotApi {
  /** The `apiRoot` for a bot. */
  url: string
  port: number
  /** Where the control answers even during `pause()`; null without `controlPort`. */
  controlUrl: string | null
  /** The token the bot must use. */
  token: string
  botId: number
  control: BotApiControl
  /** Closes everything for good. */
  stop(): Promise<void>
}

/** Starts a fake Bot API in this process. */
export async function createFakeBotApi(options: FakeBotApiOptions = {}): Promise<FakeBotApi> {
  const resolved = resolveOptions(options)
  const { host, recordCap: cap, controlPort } = resolved
  const world = createWorld(resolved)
  const { clock, changes } = world
  const limits = createRateLimits({
    clock,
    setting: resolved.limits,
    toleranceMs: resolved.limitToleranceMs,
    cap,
  })
  const deps = { world, limits, log: createRequestLog({ clock, changes, cap }), faults: createFaultQueue() }

  const listener = createListener({ host, port: resolved.port }, (exchange) => serve(handlers, exchange))
  const core = asPromises(createControlTable({ ...deps, listener }))
  const handlers: ServerHandlers = {
    call: (call) => dispatch(deps, call),
    file: ({ token, path }) => (token === world.token ? world.files.byPath(path) : undefined),
    control: (call) => runControl(core, call),
  }
  const controlListener =
    controlPort === null
      ? null
      : createListener({ host, port: controlPort }, (exchange) => serve(handlers, exchange))

  const port = await listener.listen()
  const controlPortUsed = await controlListener?.listen()
  return {
    url: `http://${host}:${port}`,
    port,
    controlUrl: controlPortUsed === undefined ? null : `http://${host}:${controlPortUsed}`,
    token: resolved.token,
    botId: resolved.botId,
    control: { ...core, ...createWaits(core) },
    stop: async () => {
      deps.faults.release()
      changes.releaseAll()
      await Promise.all([listener.close(), controlListener?.close()])
    },
  }
}
