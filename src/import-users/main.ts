import { existsSync } from 'node:fs'
import { run } from './run.ts'

if (existsSync('.env')) process.loadEnvFile('.env')
// Not process.exit: what was written to a pipe must get there.
process.exitCode = await run({
  words: process.argv.slice(2),
  env: process.env,
  terminal: {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  },
  now: Date.now,
})
