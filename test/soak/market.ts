import type { FakePosition } from '../fakes/meteora/index.ts'
import { mintOf } from '../fakes/meteora/universe.ts'
import { setPrice } from '../kill-test/truth.ts'
import { HOLDER, type Scene, wait } from './scene.ts'

/** From safe for everybody to liquidatable for nearly all. Interest grows as days pass, so safe is far up. */
const PRICES = ['9', '7', '5', '4', '3.45', '3.20', '2.95', '2.75', '2.60', '2.40'] as const
const BIN_LOWER = 1_000
const BIN_UPPER = 1_060

/** Prices fall and rise, and positions in pools leave their ranges and come back. */
export async function playMarket({ bed, meteora, random, tally, over }: Scene): Promise<void> {
  let round: string[] = []
  while (!over.aborted) {
    // Each price once before any comes again, so that a quarter of the time brings about as many alerts as another.
    if (round.length === 0) round = [...PRICES]
    const [price = ''] = round.splice(random.below(round.length), 1)
    await setPrice(bed.chain, price)
    await bed.curvance.setFeed({ symbol: 'WMON', lower: price })
    tally.prices += 1
    meteora.hold(HOLDER, [held(BIN_LOWER - 10 + random.below(BIN_UPPER - BIN_LOWER + 20))])
    await wait(over, 3_000 + random.below(6_000))
  }
}

function held(active: number): FakePosition {
  const outOfRange = active < BIN_LOWER || active > BIN_UPPER
  return {
    address: mintOf(1, 'L'),
    pool: mintOf(1, 'P'),
    lower: BIN_LOWER,
    upper: BIN_UPPER,
    active,
    outOfRange,
  }
}

/** So many days pass in the whole run: alerts are kept for 35, so that they are forgotten all the time after the warm-up. */
const DAYS = 140
const STEP_SECONDS = 5
const DAY_SECONDS = 86_400

/** Days pass, a little at a time. */
export async function playTime({ bed, tally, over }: Scene, minutes: number): Promise<void> {
  const steps = (minutes * 60) / STEP_SECONDS
  const startedAt = performance.now()
  for (let step = 1; !over.aborted; step += 1) {
    await bed.advance(Math.round((DAYS * DAY_SECONDS) / steps))
    tally.days += DAYS / steps
    await wait(over, Math.max(0, startedAt + step * STEP_SECONDS * 1_000 - performance.now()))
  }
}
