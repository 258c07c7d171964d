// The product as `src/main.ts` runs it, with this added: the parent process may let time pass, set the wall clock wrong, fill the
// database, and ask for figures.
import Sqlite from 'better-sqlite3'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { createLogger } from '../../src/ops/logger.ts'
import { secretsOfConfig } from '../../src/ops/scrub.ts'
import { runUntilStopped } from '../../src/ops/shutdown.ts'
import { createSteadyClock } from '../../src/ops/steady-clock.ts'
import { createFigures } from './figures.ts'
import { shortenHours } from './short-hours.ts'

// Where the parent has moved it already, in earlier runs.
let offsetMs = Number(process.env['BUOY_TEST_CLOCK_OFFSET_MS'] ?? 0)
const figures = createFigures()
process.on('message', (message: unknown) => {
  if (typeof message !== 'object' || message === null) return
  if ('figures' in message) {
    process.send?.({ figures: figures() })
    return
  }
  if ('advanceMs' in message) offsetMs += Number(message.advanceMs)
  if ('wallMs' in message) wallOffsetMs = Number(message.wallMs)
  if ('full' in message) for (const connection of connections) setFull(connection, message.full === true)
  process.send?.({ done: true })
})

const clock = createSteadyClock()
const wallNow = Date.now
let wallOffsetMs = 0
Date.now = () => wallNow() + wallOffsetMs

// A limit on the size of a database belongs to a connection: those of this process are known by their first pragma.
const connections = new Set<Sqlite.Database>()
const { value: pragma } = Object.getOwnPropertyDescriptor(Sqlite.prototype, 'pragma') as {
  value: (this: Sqlite.Database, ...asked: Parameters<Sqlite.Database['pragma']>) => unknown
}
Sqlite.prototype.pragma = function (this: Sqlite.Database, ...asked) {
  connections.add(this)
  return pragma.apply(this, asked)
}

/** As if the disk ended where the file does, with no page left free inside it. */
function setFull(connection: Sqlite.Database, isFull: boolean): void {
  if (!isFull) {
    connection.pragma('max_page_count = 1000000')
    connection.exec('drop table filler')
    return
  }
  connection.exec('create table filler (content blob)')
  connection.pragma(`max_page_count = ${String(connection.pragma('page_count', { simple: true }))}`)
  try {
    for (;;) connection.exec('insert into filler values (zeroblob(100))')
  } catch (error) {
    if (!String(error).includes('full')) throw error
  }
}
process.on('disconnect', () => process.exit(1))

const hourMs = process.env['BUOY_TEST_HOUR_MS']
if (hourMs !== undefined) shortenHours(Number(hourMs))

const { config } = loadConfig(process.env)
const log = createLogger({
  level: config.logLevel,
  secrets: secretsOfConfig(config),
})
const poolPauseMs = process.env['BUOY_TEST_POOL_PAUSE_MS']
const app = createApp(
  { config, log },
  {
    now: () => clock.now() + offsetMs,
    ...(poolPauseMs !== undefined && { poolPauseMs: Number(poolPauseMs) }),
  },
)
await runUntilStopped({ app, log })
