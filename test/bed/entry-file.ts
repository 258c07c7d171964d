import { mkdirSync, renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const ENTRY = fileURLToPath(new URL('./entry.ts', import.meta.url))
// Below the project, so that packages are found from there.
const FOLDER = fileURLToPath(new URL('../../.cache/bed/', import.meta.url))

let built: string | undefined

/**
 * The product in one file of JavaScript, made of today's source the first time it is asked for: it starts in a fraction of the
 * time that translating every file at every start would take. Packages stay outside. Answers with the file's path.
 */
export function entryFile(): string {
  built ??= build()
  return built
}

function build(): string {
  const path = `${FOLDER}entry.mjs`
  // Other runs may be doing the same: nobody must see half a file.
  const draft = `${FOLDER}entry.${process.pid}.mjs`
  mkdirSync(FOLDER, { recursive: true })
  buildSync({
    entryPoints: [ENTRY],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    outfile: draft,
    logLevel: 'warning',
  })
  renameSync(draft, path)
  return path
}
