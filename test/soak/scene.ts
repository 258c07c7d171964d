import { setTimeout as sleep } from 'node:timers/promises'
import { type Bed, createBed } from '../bed/bed.ts'
import { openFourLoans } from '../bed/loans.ts'
import { personIn } from '../e2e/person.ts'
import { createFakeMeteora, type FakeMeteora } from '../fakes/meteora/index.ts'
import { aUniverse, mintOf } from '../fakes/meteora/universe.ts'
import type { Random } from '../kill-test/random.ts'
import { settleTown, type Town } from '../kill-test/town.ts'

/** Everything that goes on around the product, and whether it still does. */
export interface Scene {
  readonly bed: Bed
  readonly meteora: FakeMeteora
  readonly town: Town
  readonly random: Random
  readonly tally: Tally
  /** Fires when the time is over. */
  readonly over: AbortSignal
}

/** What was done to the product. */
export interface Tally {
  faults: number
  prices: number
  said: number
  pressed: number
  days: number
}

/** An hour's pause lasts two seconds: what the product does hourly and daily is done in minutes. */
const HOUR_MS = 2_000
const POOLS = 5_000
const FIRST_LOOK_MS = 120_000
const SWIFT_MS = 5_000
const MOST_LOOKS = 20
/** Who holds positions in pools, so that ranges are looked at. */
export const HOLDER = mintOf(7, 'W')

/** Two endpoints, all indexers, pools, 55 loans of 30 wallets in five chats, and one wallet with a loan on each protocol. */
export async function settle(): Promise<Pick<Scene, 'bed' | 'meteora' | 'town'>> {
  const meteora = await createFakeMeteora()
  meteora.serve(aUniverse({ count: POOLS, seed: 1, nowMs: Date.now() }))
  const bed = await createBed({
    endpoints: 2,
    env: {
      BUOY_METEORA_API_URL: meteora.url,
      BUOY_TEST_HOUR_MS: String(HOUR_MS),
      // A warning of Node says where it comes from.
      NODE_OPTIONS: '--trace-warnings',
    },
  }).catch(async (error: unknown) => {
    await meteora.stop()
    throw error
  })
  try {
    await bed.buoy.start()
    const four = await openFourLoans(bed)
    await firstLook(bed, four)
    const town = await settleTown(bed)
    const [chat = 0, other = 0] = town.chats
    // As many wallets as one person may add in a minute are added.
    await bed.advance(61)
    const first = personIn(bed, { user: chat, chat })
    await first.ask(`/add ${four} 1.4 Four`, /Watching Four/)
    await first.ask('/poolalerts on', /./)
    await personIn(bed, { user: other, chat: other }).ask(`/lp ${HOLDER}`, /./)
    return { bed, meteora, town }
  } catch (error) {
    await bed.stop()
    await meteora.stop()
    throw error
  }
}

/** Asks until it is answered swiftly: the first look at everything takes a busy machine longer than people in tests wait. */
async function firstLook({ telegram: { control } }: Bed, wallet: string): Promise<void> {
  const { id: chat } = await control.createUser({ firstName: 'Early' })
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const askedAt = performance.now()
    const { messageId } = await control.say({ user: chat, text: `/check ${wallet}` })
    await control.waitForMessage({ chat, text: /./, after: messageId, timeoutMs: FIRST_LOOK_MS })
    if (performance.now() - askedAt < SWIFT_MS) return
  }
}

/** Waits, or less when the time is over. */
export async function wait(over: AbortSignal, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: over }).catch(() => undefined)
}
