import { setTimeout as sleep } from 'node:timers/promises'
import type { Bed } from '../bed/bed.ts'
import type { BuoyProcess } from '../bed/buoy-process.ts'
import type { FaultRule } from '../fakes/bot-api/index.ts'
import type { Post } from './post.ts'
import { withLimit } from './product.ts'
import type { Random } from './random.ts'
import type { Town } from './town.ts'
import { setPrice } from './truth.ts'

export interface Scene {
  readonly bed: Bed
  readonly buoy: BuoyProcess
  readonly town: Town
  readonly random: Random
  readonly post: Post
}

/** When a kill came, and whether a message was on its way just then. */
export interface Kill {
  readonly moment: (typeof MOMENTS)[number]
  readonly insideSend: boolean
}

const MOMENTS = ['after-move', 'during-sends', 'during-sends', 'start-up'] as const
/** $4 is safe for everybody; at $2.40 most are liquidatable. */
const PRICES = ['4', '3.45', '3.20', '2.95', '2.75', '2.60', '2.40'] as const
/** How long to wait for a first send: reading, second look and pace take their time. */
const SEND_WAIT_MS = 4_000
const FAULT_SHARE = 0.75

/** One crash of prices and one `kill -9`; at the end the product runs again. */
export async function playRound(scene: Scene): Promise<Kill> {
  const { bed, buoy, random } = scene
  const { control } = bed.telegram
  await control.clearFaults()
  for (const fault of faultsFor(scene)) await control.addFault(fault)
  await scene.post.collect()
  const after = scene.post.lastId()
  const moment = random.pick(MOMENTS)
  const steps = 1 + random.below(3)
  for (let step = 0; step < steps; step += 1) {
    await setPrice(bed.chain, random.pick(PRICES))
    if (step < steps - 1) await sleep(random.below(700))
  }
  if (moment === 'start-up') {
    await buoy.kill9()
    buoy.launch()
    await sleep(random.below(2_000))
  } else if (moment === 'during-sends') {
    await sendBegins(scene, after)
    await sleep(random.below(400))
  } else {
    await sleep(random.below(1_500))
  }
  await buoy.kill9()
  const open = (await control.requests({ method: 'sendMessage', after })).some(
    ({ state }) => state === 'pending' || state === 'gone',
  )
  await withLimit('a start', buoy.start())
  return { moment, insideSend: open }
}

async function sendBegins({ bed }: Scene, after: number): Promise<void> {
  const { control } = bed.telegram
  await control
    .waitForRequests({ method: 'sendMessage', after, count: 1, pending: true, timeoutMs: SEND_WAIT_MS })
    .catch(() => undefined)
}

/** What Telegram does wrong in this round. */
function faultsFor({ random, town }: Scene): FaultRule[] {
  const faults: FaultRule[] = []
  for (const chat of town.chats) {
    if (random.chance(FAULT_SHARE)) faults.push({ ...oneFault(random), method: 'sendMessage', chat })
  }
  return faults
}

function oneFault(random: Random): FaultRule {
  const delayMs = 50 + random.below(900)
  return random.pick<FaultRule>([
    { kind: 'slow', delayMs, when: 'after', times: 2 },
    { kind: 'slow', delayMs, when: 'after', times: 2 },
    { kind: 'slow', delayMs, when: 'after', times: 2 },
    { kind: 'slow', delayMs, when: 'before', times: 2 },
    { kind: 'rate-limit', retryAfter: 1 + random.below(2) },
    { kind: 'drop-after' },
    { kind: 'drop-before' },
    { kind: 'server-error', code: random.pick([500, 502, 504]), body: random.pick(['json', 'html']) },
  ])
}
