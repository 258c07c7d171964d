import { parseArgs } from 'node:util'
import { benchPools } from './pools.ts'
import type { BenchResult } from './result.ts'
import { tableText } from './table.ts'

const BENCHES: Readonly<Record<string, () => Promise<BenchResult>>> = { pools: benchPools }

const { positionals } = parseArgs({ allowPositionals: true })
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES)
const unknown = names.filter((name) => !(name in BENCHES))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no bench ${unknown.join(', ')}. There is: ${Object.keys(BENCHES).join(', ')}.\n`,
  )
  process.exitCode = 2
} else {
  for (const name of names) {
    const result = await BENCHES[name]?.()
    if (!result) continue
    process.stdout.write(`${tableText(result)}\n`)
    if (result.broken.length > 0) process.exitCode = 1
  }
}
