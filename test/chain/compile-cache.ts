import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface CacheEntry<T> {
  folder: string
  /** Hash of everything that the outcome depends on. */
  key: string
  /** May block the process for as long as it takes. */
  compile: () => T
}

const POLL_MS = 100
// Far longer than any compilation here takes, even on a busy machine.
const STALE_MS = 300_000

/**
 * The outcome from the cache, or compiled by exactly one of the processes that want it at the same time; the others
 * wait. A lock whose process has ended, or that is five minutes old, is taken over.
 */
export async function compiledOnce<T>(entry: CacheEntry<T>): Promise<T> {
  const path = join(entry.folder, `${entry.key}.json`)
  const lock = `${path}.lock`
  await mkdir(entry.folder, { recursive: true })
  for (;;) {
    const cached = await readCached<T>(path)
    if (cached !== undefined) return cached
    if (await take(lock)) break
    if (await isStale(lock)) await rm(lock, { force: true })
    else await delay(POLL_MS)
  }
  try {
    // Another process may have finished between the look at the file and the lock.
    return (await readCached<T>(path)) ?? (await compileAndKeep(entry, path))
  } finally {
    await rm(lock, { force: true })
  }
}

async function compileAndKeep<T>({ compile }: CacheEntry<T>, path: string): Promise<T> {
  const compiled = compile()
  // Readers do not take the lock: they must never see half a file.
  const unfinishedPath = `${path}.${randomUUID()}`
  await writeFile(unfinishedPath, JSON.stringify(compiled))
  await rename(unfinishedPath, path)
  return compiled
}

async function readCached<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch {
    // Missing or damaged: compiling again is always right.
    return undefined
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx')
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

async function isStale(lock: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(lock)
    if (Date.now() - mtimeMs > STALE_MS) return true
    const pid = Number(await readFile(lock, 'utf8'))
    // An empty lock is one that is just being written.
    return pid > 0 && !isRunning(pid)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
