import { accessSync, constants, existsSync } from 'node:fs'
import type { DatabaseConfig } from '../../db/database.ts'
import { type DatabaseLook, lookAtDatabase } from '../../db/look.ts'
import type { Finding } from '../domain/finding.ts'
import { existingFolder } from './check-machine.ts'

/** Whether the database is there, whole, of this version and writable. It is only read. */
export async function checkDatabase(
  config: DatabaseConfig,
  options: { quickCheckBytes: number },
): Promise<Finding[]> {
  const what =
    config.kind === 'sqlite' ? 'Database (SQLite)' : `Database at ${new URL(config.url).host || 'a socket'}`
  const look = await lookAtDatabase(config, options)
  return [{ what, ...judged(look) }, ...(config.kind === 'sqlite' ? writable(config.path) : [])]
}

function judged(look: DatabaseLook): Omit<Finding, 'what'> {
  switch (look.kind) {
    case 'current': {
      const sound = look.integrity === 'sound' ? ', no damage found' : ', not checked for damage'
      return { mark: 'good', detail: `tables of this version${sound}`, change: null }
    }
    case 'missing': {
      const change = 'Is BUOY_DATABASE_URL right, and this the folder that Buoy is started in?'
      return { mark: 'doubtful', detail: 'does not exist yet; the first start makes it', change }
    }
    case 'empty': {
      const change = 'Is BUOY_DATABASE_URL right?'
      return { mark: 'doubtful', detail: 'has no tables of Buoy yet; the first start makes them', change }
    }
    case 'older': {
      const detail = `tables of an older version: ${look.waiting.join(', ')} at the next start`
      return { mark: 'doubtful', detail, change: 'Make a backup, then start Buoy' }
    }
    case 'newer': {
      const detail = `written by a newer Buoy (it has ${look.unknown.slice(0, 5).join(', ')})`
      return { mark: 'bad', detail, change: 'Start that version, or restore a backup' }
    }
    case 'damaged': {
      const change = 'Stop Buoy and restore a backup of the file in BUOY_DATABASE_URL'
      return { mark: 'bad', detail: `damaged: ${look.reason}`, change }
    }
    case 'unreachable':
      return { mark: 'bad', detail: `cannot be opened: ${look.reason}`, change: 'Check BUOY_DATABASE_URL' }
  }
}

function writable(path: string): Finding[] {
  const target = existsSync(path) ? path : existingFolder(path)
  try {
    accessSync(target, constants.W_OK)
    accessSync(existingFolder(path), constants.W_OK)
    return []
  } catch {
    const change = 'Give the user that runs Buoy the right to write there, or change BUOY_DATABASE_URL'
    return [{ mark: 'bad', what: 'Database folder', detail: 'cannot be written', change }]
  }
}
