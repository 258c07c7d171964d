import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger } from './ledger.ts'
import type { Told } from './post.ts'
import { aCycle, advance } from './product.ts'
import type { Scene } from './rounds.ts'
import type { Loan } from './town.ts'
import { type Depth, depthOf, healthOf, heldDepthOf, setPrice } from './truth.ts'

/** The chain stood still for this long in a loan's state, and its chat has no word of it: lost. */
const TOLD_WITHIN_MS = 60_000
const DRAIN_MS = 120_000
/** More than the hold after which a level is left. */
const HOLD_SECONDS = 61
const LOOK_EVERY_MS = 300

/** Everything that can be asked of the product while nothing goes wrong. */
export interface Calm extends Scene {
  readonly ledger: Ledger
}

/** The chain's own history, and what the chats know of it. The product's database has no part in it. */
export interface History {
  /** Loans whose state by the contracts is another one than when prices stood still the last time. */
  readonly transitions: number
  /** One line for each loan of which its chat was told something else at last. */
  readonly untold: readonly string[]
}

interface State {
  readonly loan: Loan
  readonly healthWad: bigint
}

/**
 * Its function lets prices stand still while Telegram behaves, and looks whether the newest word of each loan
 * in its chat is what the contracts say: deeper levels at once, better ones after the hold. Answers with what is not.
 */
export function createSettling(calm: Calm): { settle(usd: string): Promise<string[]>; history(): History } {
  const { bed, buoy, post, ledger, town } = calm
  const settled = new Map<Loan, Depth>()
  const untold: string[] = []
  let transitions = 0

  async function statesNow(): Promise<State[]> {
    return Promise.all(town.loans.map(async (loan) => ({ loan, healthWad: await healthOf(bed.chain, loan) })))
  }

  /** Resolves when nothing is wrong any more, or with what still is. Prices stand still, so the contracts are asked once. */
  async function wrongAfter(limitMs: number, isWrong: (state: State) => boolean): Promise<State[]> {
    const states = await statesNow()
    const endAt = performance.now() + limitMs
    for (;;) {
      await post.collect()
      const wrong = states.filter(isWrong)
      if (wrong.length === 0 || performance.now() >= endAt) return wrong
      await sleep(LOOK_EVERY_MS)
    }
  }

  const depthTold = (loan: Loan): Depth => post.lastTold(loan)?.depth ?? 0
  const isDeeper = ({ loan, healthWad }: State): boolean => depthOf(healthWad) > depthTold(loan)
  const isOther = (state: State): boolean =>
    isDeeper(state) || depthTold(state.loan) > heldDepthOf(state.healthWad)

  async function drained(): Promise<void> {
    const endAt = performance.now() + DRAIN_MS
    while (ledger.waiting() > 0 && performance.now() < endAt) await sleep(LOOK_EVERY_MS)
  }

  return {
    async settle(usd) {
      await bed.telegram.control.clearFaults()
      await bed.telegram.control.liftFloods()
      await setPrice(bed.chain, usd)
      const silent = await wrongAfter(TOLD_WITHIN_MS, isDeeper)
      if (silent.length === 0) {
        // What is better is said only after it has been so for a while.
        await aCycle(buoy)
        await drained()
        await advance({ bed, buoy }, HOLD_SECONDS)
      }
      const wrong = silent.length > 0 ? silent : await wrongAfter(TOLD_WITHIN_MS, isOther)
      await drained()
      const lines = wrong.map((state) => describe(state, post.lastTold(state.loan)))
      untold.push(...lines)
      for (const { loan, healthWad } of await statesNow()) {
        const depth = depthOf(healthWad)
        if (depth !== (settled.get(loan) ?? 0)) transitions += 1
        settled.set(loan, depth)
      }
      return lines
    },
    history: () => ({ transitions, untold }),
  }
}

function describe({ loan, healthWad }: State, told: Told | undefined): string {
  const { label, protocol, chat } = loan
  return `${label} on ${protocol} in chat ${chat}: health ${healthWad} WAD, level ${depthOf(healthWad)}; last word: ${told?.line ?? 'none'}`
}
