import { parseArgs } from 'node:util'
import { createPlay } from './play.ts'
import { isGreen, reportText, together } from './report.ts'

const USAGE = 'Use: npm run kill-test -- --kills 30 --seed 1 [--towns 1]'
const MAX_TOWNS = 8

function numbers(): { kills: number; seed: number; towns: number } {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
      towns: { type: 'string', default: '1' },
    },
  })
  const [kills, seed, towns] = [Number(values.kills), Number(values.seed), Number(values.towns)]
  const isWhole = [kills, seed, towns].every((value) => Number.isSafeInteger(value) && value >= 0)
  if (!isWhole || kills < 1 || towns < 1 || towns > Math.min(MAX_TOWNS, kills)) throw new Error(USAGE)
  return { kills, seed, towns }
}

const write = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

async function main(): Promise<void> {
  const { kills, seed, towns } = numbers()
  write(
    `Kill test: ${kills} kills, seed ${seed}${towns > 1 ? `, ${towns} towns side by side` : ''}. Setting up…`,
  )
  const options = Array.from({ length: towns }, (_, town) => ({
    count: Math.floor((kills + town) / towns),
    seed: seed + town,
    name: towns > 1 ? `town ${town + 1}: ` : '',
    // Far more than it needs.
    maxSeconds: 300 + kills * 15,
    write,
  }))
  const plays = await Promise.all(options.map(createPlay))
  const endAll = async (): Promise<void> => {
    await Promise.all(plays.map((play) => play.stop()))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void endAll().finally(() => process.exit(130)))
  }
  try {
    const result = together(await Promise.all(plays.map((play) => play.run())))
    write(reportText(result, seed))
    if (!isGreen(result)) process.exitCode = 1
  } finally {
    await endAll()
  }
}

try {
  await main()
} catch (error) {
  const said = error instanceof Error ? error.message.slice(-3_000) : String(error)
  process.stderr.write(`The kill test failed: ${said}\n`)
  process.exitCode = 1
}
