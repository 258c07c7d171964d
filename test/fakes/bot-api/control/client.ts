import { isRecord } from '../defined.ts'
import type { ControlCore } from './api.ts'
import { type ControlWaits, createWaits } from './waits.ts'

/** Every function that steers and watches a fake. */
export type BotApiControl = ControlCore & ControlWaits

// An object, so that the compiler notices a function that is missing here.
const NAMES: Readonly<Record<keyof ControlCore, true>> = {
  createUser: true,
  createGroup: true,
  createChannel: true,
  createTopic: true,
  deleteTopic: true,
  setMember: true,
  addBot: true,
  kickBot: true,
  upgradeGroup: true,
  deleteChat: true,
  blockBot: true,
  unblockBot: true,
  deactivateUser: true,
  setPrivacy: true,
  setToken: true,
  say: true,
  tap: true,
  callbackAnswer: true,
  visible: true,
  history: true,
  requests: true,
  breaches: true,
  pendingUpdates: true,
  commands: true,
  file: true,
  clearRecords: true,
  addFault: true,
  faults: true,
  clearFaults: true,
  releaseHung: true,
  flood: true,
  liftFloods: true,
  setLimits: true,
  advance: true,
  now: true,
  waitForChange: true,
  pause: true,
  resume: true,
}

async function post(url: string, arg: unknown): Promise<unknown> {
  const body = arg === undefined ? '' : JSON.stringify(arg)
  const response = await fetch(url, { method: 'POST', body })
  const answer: unknown = await response.json()
  if (!isRecord(answer)) throw new Error(`The control at ${url} did not answer with an object.`)
  if (answer['ok'] !== true) throw new Error(String(answer['error'] ?? answer['description']))
  return answer['result']
}

/** The control of a fake in another process. The address is its `controlUrl`, or its `url`. */
export function createControlClient(url: string): BotApiControl {
  const entries = Object.keys(NAMES).map((name) => {
    return [name, (arg?: unknown) => post(`${url}/control/${name}`, arg)] as const
  })
  const core = Object.fromEntries(entries) as unknown as ControlCore
  return { ...core, ...createWaits(core) }
}
