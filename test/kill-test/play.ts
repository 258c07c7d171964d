import { createBed } from '../bed/bed.ts'
import { createRpcProxy } from '../chain/rpc-proxy.ts'
import { createLedger } from './ledger.ts'
import { createPost } from './post.ts'
import { withLimit } from './product.ts'
import { createRandom } from './random.ts'
import { findRepeats } from './repeats.ts'
import { progressLine, type Result } from './report.ts'
import { type Kill, playRound } from './rounds.ts'
import { createSettling } from './settle.ts'
import { settleTown } from './town.ts'

/** After so many kills prices stand still, and everything must be told. */
const KILLS_TO_A_REST = 8
/** $4 is safe for everybody; at $2.40 most are liquidatable. */
const RESTS = ['4', '3.45', '3.20', '2.95', '2.75', '2.60', '2.40'] as const

export interface PlayOptions {
  readonly count: number
  readonly seed: number
  /** What its lines begin with. */
  readonly name: string
  readonly maxSeconds: number
  readonly write: (line: string) => void
}

/** A town with its chain, its Telegram and its database, in which so many kills happen. */
export interface Play {
  run(): Promise<Result>
  /** Ends every process of it. Safe to call at any time. */
  stop(): Promise<void>
}

/** Sets everything up; the product is not started yet. */
export async function createPlay({ count, seed, name, maxSeconds, write }: PlayOptions): Promise<Play> {
  const startedAt = performance.now()
  const secondsSoFar = (): number => (performance.now() - startedAt) / 1000
  const bed = await createBed()
  // A second endpoint, so that a second look does not have to wait for a newer block.
  const other = await createRpcProxy({ target: bed.chain.url })
  const buoy = bed.another({
    BUOY_RPC_URLS: [bed.proxy.url, other.url].map((url) => `${url};rps=1000;gas=200000000`).join(','),
  })
  return {
    async run() {
      await withLimit('the first start', buoy.start())
      const town = await settleTown(bed)
      write(`${name}${town.loans.length} loans in ${town.chats.length} chats`)
      const post = createPost(bed.telegram)
      const scene = { bed, buoy, town, post, random: createRandom(seed) }
      const ledger = createLedger({ path: bed.databasePath, loans: town.loans })
      const settling = createSettling({ ...scene, ledger })
      const kills: Kill[] = []
      while (kills.length < count) {
        if (secondsSoFar() > maxSeconds) throw new Error(`only ${kills.length} kills in ${maxSeconds} s`)
        kills.push(await playRound(scene))
        const isLast = kills.length === count
        if (kills.length % KILLS_TO_A_REST !== 0 && !isLast) continue
        const untold = await settling.settle(isLast ? '4' : scene.random.pick(RESTS))
        for (const line of untold) write(`! ${name}${line}`)
        const at = { kills: kills.length, seconds: secondsSoFar(), history: settling.history() }
        write(`${name}${progressLine(at)}`)
      }
      return {
        kills,
        positions: town.loans.length,
        messages: post.all().length,
        account: ledger.account(post.all()),
        found: findRepeats(post.all()),
        history: settling.history(),
        seconds: secondsSoFar(),
      }
    },
    async stop() {
      await bed.stop()
      await other.stop()
    },
  }
}
