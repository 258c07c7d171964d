import type { RpcFault } from '../chain/rpc-faults.ts'
import type { FaultRule } from '../fakes/bot-api/index.ts'
import type { SubgraphFault } from '../fakes/euler-subgraph/server.ts'
import type { MeteoraFault } from '../fakes/meteora/faults.ts'
import type { ApiFault } from '../fakes/morpho-api/faults.ts'
import type { Random } from '../kill-test/random.ts'
import { type Scene, wait } from './scene.ts'

const FAULT_SHARE = 0.4
const MEGABYTE = 2 ** 20

const RPC: readonly RpcFault[] = [
  { kind: 'down' },
  { kind: 'hang' },
  { kind: 'slow', ms: 400 },
  { kind: 'slow', ms: 3_000 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429, retryAfter: 1 },
  { kind: 'html' },
  { kind: 'oversized', bytes: 4 * MEGABYTE },
  { kind: 'stale', blocks: 30 },
  { kind: 'truncate' },
  { kind: 'empty' },
]
const MORPHO: readonly ApiFault[] = [
  { kind: 'down' },
  { kind: 'hang' },
  { kind: 'slow', ms: 1_000 },
  { kind: 'status', status: 502, html: true },
  { kind: 'status', status: 429, retryAfter: 1 },
  { kind: 'html' },
  { kind: 'errors' },
  { kind: 'empty' },
  { kind: 'null-items' },
  { kind: 'garbage' },
]
const SUBGRAPH: readonly SubgraphFault[] = ['html', 'status-500', 'errors', 'null']
const METEORA: readonly MeteoraFault[] = [
  { kind: 'rate-limited', retryAfterS: 1 },
  { kind: 'status', status: 500 },
  { kind: 'html' },
  { kind: 'hang' },
  { kind: 'too-long', bytes: 2 * MEGABYTE },
  { kind: 'empty' },
  { kind: 'cut-short' },
  { kind: 'nan' },
]

/** Every few seconds other things go wrong, until the time is over; then nothing does. */
export async function playWeather(scene: Scene): Promise<void> {
  const { over, random } = scene
  while (!over.aborted) {
    await change(scene)
    await wait(over, 2_000 + random.below(5_000))
  }
  await clear(scene)
}

async function change(scene: Scene): Promise<void> {
  const { bed, meteora, random, tally } = scene
  function maybe<T>(faults: readonly T[]): T | undefined {
    if (!random.chance(FAULT_SHARE)) return undefined
    tally.faults += 1
    return random.pick(faults)
  }
  for (const proxy of bed.proxies) await proxy.set(maybe(RPC) ?? { kind: 'ok' })
  await bed.morphoApi.set(maybe(MORPHO) ?? { kind: 'ok' })
  bed.subgraph.fault = maybe(SUBGRAPH) ?? 'none'
  meteora.set(maybe(METEORA) ?? { kind: 'ok' })
  const { control } = bed.telegram
  await control.clearFaults()
  for (const method of [
    'sendMessage',
    'sendMessage',
    'editMessageText',
    'answerCallbackQuery',
    'getUpdates',
  ]) {
    const fault = maybe(telegramFaults(random))
    if (fault) await control.addFault({ ...fault, method, times: 1 + random.below(3) })
  }
}

function telegramFaults(random: Random): FaultRule[] {
  const delayMs = 100 + random.below(2_500)
  return [
    { kind: 'rate-limit', retryAfter: 1 + random.below(3) },
    { kind: 'server-error', code: random.pick([500, 502, 504]), body: random.pick(['json', 'html']) },
    { kind: 'drop-before' },
    { kind: 'drop-after' },
    { kind: 'slow', delayMs, when: 'before' },
    { kind: 'slow', delayMs, when: 'after' },
  ]
}

async function clear({ bed, meteora }: Scene): Promise<void> {
  for (const proxy of bed.proxies) await proxy.set({ kind: 'ok' })
  await bed.morphoApi.set({ kind: 'ok' })
  bed.subgraph.fault = 'none'
  meteora.set({ kind: 'ok' })
  await bed.telegram.control.clearFaults()
  await bed.telegram.control.liftFloods()
}
