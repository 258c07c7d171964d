import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { DatabaseConfig } from '../../db/database.ts'
import type { Finding } from '../domain/finding.ts'

/** As `engines` in package.json says. */
export const OLDEST_NODE = '20.19'
const MIB = 1024 * 1024
const LITTLE_MIB = 1024
const TOO_LITTLE_MIB = 100

/** Whether this Node can run Buoy. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split('.').map(Number)
  const enough = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
  return {
    mark: enough ? 'good' : 'bad',
    what: 'Node',
    detail: major === oldestMajor ? `${version}; it gets no more fixes, 22 or 24 is advised` : version,
    change: enough ? null : `Install Node ${OLDEST_NODE} or newer; 22 or 24 is advised`,
  }
}

/** Room for the SQLite file; nothing for PostgreSQL, whose disk is elsewhere. */
export async function checkDisk(config: DatabaseConfig): Promise<Finding[]> {
  if (config.kind !== 'sqlite') return []
  const { bavail, bsize } = await statfs(existingFolder(config.path))
  return [diskFinding((bavail * bsize) / MIB)]
}

export function diskFinding(freeMib: number): Finding {
  const mark = freeMib < TOO_LITTLE_MIB ? 'bad' : freeMib < LITTLE_MIB ? 'doubtful' : 'good'
  return {
    mark,
    what: 'Disk for the database',
    detail:
      freeMib < LITTLE_MIB ? `${Math.floor(freeMib)} MiB free` : `${(freeMib / 1024).toFixed(1)} GiB free`,
    change: mark === 'good' ? null : 'Make room there, or move the file and BUOY_DATABASE_URL',
  }
}

/** The nearest folder above the file that is there. */
export function existingFolder(path: string): string {
  let folder = dirname(resolve(path))
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}
