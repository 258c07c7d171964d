import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * A process as it writes itself into the lease: `host/pid/boot/namespace/started`. The last three say whether another process
 * can tell if this one lives: only on the same running system and in the same container. Empty where the system does not tell.
 */
export function ownHolder(): string {
  const host = hostname().replaceAll('/', '-')
  return [host, process.pid, bootId(), namespace(), stat('self').startedAt].join('/')
}

/** `host ada-box, process 1234`: for people. */
export function holderText(holder: string): string {
  const [host = '?', pid = '?'] = holder.split('/')
  return `host ${host}, process ${pid}`
}

/** Whether a holder still runs; `unknown` when that cannot be seen from here. Never `dead` without proof. */
export function judgeHolder(holder: string): 'alive' | 'dead' | 'unknown' {
  const [, pidText, boot, space, started] = holder.split('/')
  const pid = Number(pidText)
  if (!boot || !space || !started || !Number.isSafeInteger(pid) || pid <= 0) return 'unknown'
  if (boot !== bootId() || space !== namespace()) return 'unknown'
  if (!exists(pid)) return 'dead'
  const now = stat(pid)
  if (now.startedAt === '') return exists(pid) ? 'unknown' : 'dead'
  // The number may have gone to another process, or its parent has not taken note of its end yet.
  return now.startedAt === started && !ENDED.has(now.state) ? 'alive' : 'dead'
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Not ours to signal, but there.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

/** Different after each start of the system. */
function bootId(): string {
  return orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
}

/** Process numbers mean the same only inside one of these. */
function namespace(): string {
  return orNothing(() => readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, ''))
}

/** How Linux marks a process of which only the number is left. */
const ENDED = new Set(['Z', 'X', 'x'])

/** The 3rd and 22nd field, counted after the name, which may hold anything. Started in ticks since the system was. */
function stat(pid: number | 'self'): { state: string; startedAt: string } {
  const text = orNothing(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', startedAt: fields[19] ?? '' }
}

/** These files are on Linux only, and not readable everywhere; then nothing is known. */
function orNothing(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
