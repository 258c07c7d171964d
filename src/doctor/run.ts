import { openDatabase } from '../../db/database.ts'
import { type LoadedConfig, loadConfig } from '../config.ts'
import type { Environment } from '../config-variable.ts'
import { anyBad, type Finding } from '../domain/finding.ts'
import { ConfigError } from '../errors.ts'
import { doctorJson } from '../ops/doctor/json.ts'
import { doctorTable, type TableStyle } from '../ops/doctor/table.ts'
import { createLogger } from '../ops/logger.ts'
import { createReading } from '../wiring/reading.ts'
import { readArguments, USAGE } from './arguments.ts'
import { examine } from './examine.ts'
import { secretsOf } from './without-secrets.ts'

const EXIT = { good: 0, bad: 1, usage: 64, config: 78 } as const

export interface Invocation {
  readonly words: readonly string[]
  readonly env: Environment
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly style: TableStyle
  readonly now: () => number
}

/** `npm run doctor`; answers with the exit code. */
export async function run(invocation: Invocation): Promise<number> {
  const { out, err, style } = invocation
  const given = readArguments(invocation.words)
  if (given.kind === 'help') {
    out(USAGE)
    return EXIT.good
  }
  if (given.kind === 'wrong') {
    err(`${given.why}\n`)
    return EXIT.usage
  }
  let loaded: LoadedConfig
  try {
    loaded = loadConfig(invocation.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    err(`${error.message}\n`)
    return EXIT.config
  }
  const findings = await examined(loaded, invocation)
  out(given.json ? doctorJson(findings) : doctorTable(findings, style))
  return anyBad(findings) ? EXIT.bad : EXIT.good
}

/** The parts that read are those of the bot; what they remember goes into a database in memory, never into the operator's. */
async function examined(loaded: LoadedConfig, { err, now }: Invocation): Promise<Finding[]> {
  const { config, warnings } = loaded
  const memory = await openDatabase({ kind: 'sqlite', path: ':memory:' })
  const stopping = new AbortController()
  const reading = await createReading({
    config,
    log: createLogger({ level: 'error', secrets: secretsOf(config), write: err }),
    db: memory.db,
    now,
    stopping: stopping.signal,
  })
  const { strategies, strategyCall } = reading
  err(
    `Asking ${config.chain.endpoints.length} endpoints, ${strategies.map(({ name }) => name).join(', ')}, Telegram and the database…\n`,
  )
  try {
    const apis = () => reading.stats().apis
    const found = await examine({ config, strategies, strategyCall, apis, now, quickCheckBytes: Infinity })
    return [...warnings.map(warningFinding), ...found]
  } finally {
    stopping.abort()
    for (const part of reading.parts) await part.stop()
    await memory.close()
  }
}

function warningFinding(warning: string): Finding {
  return { mark: 'doubtful', what: 'Settings', detail: warning, change: null }
}
