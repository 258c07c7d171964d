import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger } from './ledger.ts'
import type { Post } from './post.ts'
import { aCycle, advance } from './product.ts'
import type { Scene } from './rounds.ts'
import { depthOf, healthOf, setPrice } from './truth.ts'

/** Health under a line for longer than this, and not a word of it: lost. */
const TOLD_WITHIN_MS = 60_000
const DRAIN_MS = 120_000
const LOW_PRICES = ['3.20', '2.95', '2.75', '2.60'] as const

/** Everything that can be asked of the product while nothing goes wrong. */
export interface Calm extends Scene {
  readonly ledger: Ledger
  readonly post: Post
}

/**
 * Telegram behaves and prices stand still, low. Answers with the loans that the contracts put under a line and whose chat has
 * no message that says how bad it is, a minute later; the database is not asked. Then prices recover and everything is sent.
 */
export async function calmDown(calm: Calm): Promise<string[]> {
  const { bed, buoy, random } = calm
  const { control } = bed.telegram
  await control.clearFaults()
  await control.liftFloods()
  await setPrice(bed.chain, random.pick(LOW_PRICES))
  const silent = await untilTold(calm)
  await drained(calm)
  await setPrice(bed.chain, '4')
  await aCycle(buoy)
  await advance({ bed, buoy }, 61)
  await aCycle(buoy)
  await drained(calm)
  return silent
}

async function untilTold(calm: Calm): Promise<string[]> {
  const endAt = performance.now() + TOLD_WITHIN_MS
  let silent = await silentOnes(calm)
  while (silent.length > 0 && performance.now() < endAt) {
    await sleep(1_000)
    silent = await silentOnes(calm)
  }
  return silent
}

async function silentOnes({ bed, town, post }: Calm): Promise<string[]> {
  await post.collect()
  const silent: string[] = []
  for (const loan of town.loans) {
    const healthWad = await healthOf(bed.chain, loan)
    const depth = depthOf(healthWad)
    const told = post.lastTold(loan)?.depth ?? 0
    if (depth > told) {
      silent.push(
        `${loan.label} on ${loan.protocol} in chat ${loan.chat}: health ${healthWad} WAD, level ${depth}, told ${told}`,
      )
    }
  }
  return silent
}

async function drained({ ledger, post }: Calm): Promise<void> {
  const endAt = performance.now() + DRAIN_MS
  while (ledger.waiting() > 0 && performance.now() < endAt) await sleep(300)
  await post.collect()
}
