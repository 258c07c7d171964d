import Sqlite from 'better-sqlite3'
import { createRandom } from '../kill-test/random.ts'
import { readArguments, type SoakArguments } from './arguments.ts'
import { judge } from './flat.ts'
import { createLogWatch } from './log-watch.ts'
import { playMarket, playTime } from './market.ts'
import { playPeople } from './people.ts'
import { isGreen, progressText, type Result, reportText } from './report.ts'
import { type Sample, takeSample } from './sample.ts'
import { type Scene, settle, wait } from './scene.ts'
import { playWeather } from './weather.ts'

const SAMPLE_MS = 10_000
const MINUTE_MS = 60_000
const MAX_LENGTH = 3_000
const write = (text: string): void => {
  process.stdout.write(text)
}

/** An answer that Telegram would not take, or pools that Meteora would not give: both fail because they are made to. */
function isOurDoing({ error }: { error: string }): boolean {
  return (
    error.startsWith('HttpError: Network request for') ||
    /^GrammyError: Call to '\w+' failed! \((429|50\d):/.test(error) ||
    error.startsWith("ApiError: Meteora's API: ")
  )
}

function argumentsOrExit(): SoakArguments {
  try {
    return readArguments(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(2)
  }
}

const asked = argumentsOrExit()
write(`Soak: ${asked.minutes} minutes, seed ${asked.seed}. Setting up…\n`)
const place = await settle().catch((error: unknown) => {
  write(
    `It could not be set up: ${error instanceof Error ? error.message.slice(-MAX_LENGTH) : String(error)}\n`,
  )
  process.exit(1)
})
const { bed } = place
async function endAll(): Promise<void> {
  await bed.stop()
  await place.meteora.stop()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void endAll().finally(() => process.exit(130)))
}
try {
  const result = await soak()
  write(reportText(result))
  if (!isGreen(result)) process.exitCode = 1
} finally {
  await endAll()
}

async function soak(): Promise<Result> {
  const { minutes, seed } = asked
  const over = new AbortController()
  const tally = { faults: 0, prices: 0, said: 0, pressed: 0, days: 0 }
  const samples: Sample[] = []
  const log = createLogWatch(isOurDoing)
  const startedAt = performance.now()
  // Each has numbers of its own: they do not depend on who is faster.
  const scene = (part: number): Scene => ({
    ...place,
    tally,
    over: over.signal,
    random: createRandom(seed * 4 + part),
  })

  async function watch(): Promise<void> {
    let minute = 0
    // The first answer has no loop delay yet.
    await bed.buoy.figures()
    for (let turn = 1; turn * SAMPLE_MS <= minutes * MINUTE_MS; turn += 1) {
      await wait(over.signal, startedAt + turn * SAMPLE_MS - performance.now())
      if (over.signal.aborted) return
      const atMs = performance.now() - startedAt
      const sample = await takeSample(bed, { atMs, nowMs: Date.now() + tally.days * 86_400_000 })
      samples.push(sample)
      log.read(bed.buoy.logText())
      if (Math.floor(atMs / MINUTE_MS) === minute) continue
      minute = Math.floor(atMs / MINUTE_MS)
      write(progressText({ minute, sample, tally }))
    }
  }

  const died = bed.buoy.exited().then((code) => {
    if (!over.signal.aborted) throw new Error(`the process died with code ${String(code)}`)
  })
  const parts = [
    playWeather(scene(0)),
    playMarket(scene(1)),
    playPeople(scene(2)),
    playTime(scene(3), minutes),
  ]
  const lived = Promise.all(parts)
  let broken: string | null = null
  try {
    await Promise.race([watch(), died, lived.then(() => new Promise(() => undefined))])
  } catch (error) {
    broken = error instanceof Error ? error.message : String(error)
  }
  over.abort()
  const ended = await Promise.allSettled(parts)
  for (const part of ended) if (part.status === 'rejected') broken ??= String(part.reason)
  const exitCode = await bed.buoy.stop()
  log.read(bed.buoy.logText())
  return {
    ...asked,
    samples,
    findings: judge(samples),
    tally,
    transitions: transitions(),
    log,
    broken,
    exitCode,
  }
}

/** How many rows the outbox has ever had. */
function transitions(): number {
  const db = new Sqlite(bed.databasePath, { readonly: true })
  try {
    return Number(db.prepare('select coalesce(max(id), 0) from outbox').pluck().get())
  } finally {
    db.close()
  }
}
