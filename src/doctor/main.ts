import { existsSync } from 'node:fs'
import { run } from './run.ts'

const WIDTH = 100

const { stdout, stderr } = process
if (existsSync('.env')) process.loadEnvFile('.env')
// Not process.exit: what was written to a pipe must get there.
process.exitCode = await run({
  words: process.argv.slice(2),
  env: process.env,
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  style: {
    width: stdout.isTTY ? Math.min(WIDTH, stdout.columns) : WIDTH,
    colour: stdout.isTTY && !process.env['NO_COLOR'],
  },
  now: Date.now,
})
