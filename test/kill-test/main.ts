import { parseArgs } from 'node:util'
import { createBed } from '../bed/bed.ts'
import { createRpcProxy } from '../chain/rpc-proxy.ts'
import { createLedger } from './ledger.ts'
import { createPost } from './post.ts'
import { withLimit } from './product.ts'
import { createRandom } from './random.ts'
import { findRepeats } from './repeats.ts'
import { isGreen, progressLine, reportText } from './report.ts'
import { type Kill, playRound } from './rounds.ts'
import { createSettling } from './settle.ts'
import { settleTown } from './town.ts'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } },
})
const count = Number(values.kills)
const seed = Number(values.seed)
/** After so many kills prices stand still, and everything must be told. */
const KILLS_TO_A_REST = 4
/** $4 is safe for everybody; at $2.40 most are liquidatable. */
const RESTS = ['4', '3.45', '3.20', '2.95', '2.75', '2.60', '2.40'] as const
/** Far more than it needs. */
const MAX_SECONDS = 300 + count * 15
const write = (text: string): void => {
  process.stdout.write(text)
}

const startedAt = performance.now()
const secondsSoFar = (): number => (performance.now() - startedAt) / 1000
write(`Kill test: ${count} kills, seed ${seed}. Setting up…\n`)
const bed = await createBed()
// A second endpoint, so that a second look does not have to wait for a newer block.
const other = await createRpcProxy({ target: bed.chain.url })
const buoy = bed.another({
  BUOY_RPC_URLS: [bed.proxy.url, other.url].map((url) => `${url};rps=1000;gas=200000000`).join(','),
})
async function endAll(): Promise<void> {
  await bed.stop()
  await other.stop()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void endAll().finally(() => process.exit(130)))
}
try {
  await withLimit('the first start', buoy.start())
  const town = await settleTown(bed)
  write(`${town.loans.length} loans in ${town.chats.length} chats after ${secondsSoFar().toFixed(0)} s\n`)
  const post = createPost(bed.telegram)
  const scene = { bed, buoy, town, post, random: createRandom(seed) }
  const ledger = createLedger({ path: bed.databasePath, loans: town.loans })
  const settling = createSettling({ ...scene, ledger })
  const kills: Kill[] = []
  while (kills.length < count) {
    if (secondsSoFar() > MAX_SECONDS) throw new Error(`only ${kills.length} kills in ${MAX_SECONDS} s`)
    kills.push(await playRound(scene))
    if (kills.length % KILLS_TO_A_REST !== 0 && kills.length !== count) continue
    const untold = await settling.settle(kills.length === count ? '4' : scene.random.pick(RESTS))
    write(untold.map((line) => `! ${line}\n`).join(''))
    write(progressLine({ kills: kills.length, seconds: secondsSoFar(), history: settling.history() }))
  }
  const result = {
    seed,
    kills,
    positions: town.loans.length,
    messages: post.all().length,
    account: ledger.account(post.all()),
    found: findRepeats(post.all()),
    history: settling.history(),
    seconds: secondsSoFar(),
  }
  write(reportText(result))
  if (!isGreen(result)) process.exitCode = 1
} catch (error) {
  write(`The kill test failed: ${error instanceof Error ? error.message.slice(-3_000) : String(error)}\n`)
  process.exitCode = 1
} finally {
  await endAll()
}
