// The product as `src/main.ts` runs it, with two things added: the parent process may move its clock and ask for figures.
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { createLogger } from '../../src/ops/logger.ts'
import { secretsOfConfig } from '../../src/ops/scrub.ts'
import { runUntilStopped } from '../../src/ops/shutdown.ts'
import { createFigures } from './figures.ts'
import { shortenHours } from './short-hours.ts'

// Where the parent has moved it already, in earlier runs.
let offsetMs = Number(process.env['BUOY_TEST_CLOCK_OFFSET_MS'] ?? 0)
const figures = createFigures()
process.on('message', (message: unknown) => {
  if (typeof message !== 'object' || message === null) return
  if ('figures' in message) process.send?.({ figures: figures() })
  if (!('advanceMs' in message)) return
  offsetMs += Number(message.advanceMs)
  process.send?.({ advanced: offsetMs })
})
process.on('disconnect', () => process.exit(1))

const hourMs = process.env['BUOY_TEST_HOUR_MS']
if (hourMs !== undefined) shortenHours(Number(hourMs))

const { config } = loadConfig(process.env)
const log = createLogger({
  level: config.logLevel,
  secrets: secretsOfConfig(config),
})
const app = createApp({ config, log }, { now: () => Date.now() + offsetMs })
await runUntilStopped({ app, log })
