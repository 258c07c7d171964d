// Runs a program of Buoy: checks Node before anything native loads, builds when the build is missing or older than the source.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** Imports a built file, such as `src/main.js`. */
export async function runBuilt(file) {
  refuseOldNode()
  const entry = join(root, 'dist', file)
  if (needsBuild(entry)) build()
  await import(pathToFileURL(entry).href)
}

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  process.stderr.write(
    `Buoy needs Node 20.19 or newer; this is ${process.versions.node}. Node 22 or 24 is advised.\n`,
  )
  process.exit(78)
}

function build() {
  process.stderr.write('Building…\n')
  const tsc = findTsc()
  const built = tsc
    ? spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
        cwd: root,
        stdio: 'inherit',
      })
    : { status: 1 }
  if (built.status === 0) return
  process.stderr.write('The build failed. Run npm ci, then npm run build, and look at its output.\n')
  process.exit(1)
}

function findTsc() {
  try {
    return createRequire(import.meta.url).resolve('typescript/bin/tsc')
  } catch {
    return undefined
  }
}

function needsBuild(entry) {
  if (!existsSync(entry)) return true
  const builtAt = statSync(entry).mtimeMs
  return ['src', 'protocols', 'db'].some((folder) => newest(join(root, folder)) > builtAt)
}

function newest(folder) {
  if (!existsSync(folder)) return 0
  return Math.max(
    0,
    ...readdirSync(folder, { withFileTypes: true }).map((item) => {
      const path = join(folder, item.name)
      return item.isDirectory() ? newest(path) : statSync(path).mtimeMs
    }),
  )
}
