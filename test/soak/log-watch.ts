/** Lines of the product's log that should not be there. */
export interface LogWatch {
  /** Takes in what the log has grown by. */
  read(log: string): void
  /** How often, by what was said. */
  unexpected(): ReadonlyMap<string, number>
  /** How often of all levels, by what was said. */
  warned(): ReadonlyMap<string, number>
}

const WARN = 40
const ERROR = 50
const MAX_LENGTH = 300

interface Line {
  readonly level?: unknown
  readonly msg?: unknown
  readonly err?: { readonly type?: unknown; readonly message?: unknown }
  readonly detail?: unknown
}

/** Sorts lines by their level; whatever is no JSON, such as a warning of Node, is unexpected too. */
export function createLogWatch(isExpected: (line: { msg: string; error: string }) => boolean): LogWatch {
  const unexpected = new Map<string, number>()
  const warned = new Map<string, number>()
  let readTo = 0

  function take(text: string): void {
    const line = parsed(text)
    if (line === null) {
      bump(unexpected, text.slice(0, MAX_LENGTH))
      return
    }
    const level = Number(line.level)
    if (level < WARN) return
    const msg = String(line.msg)
    const detail = typeof line.detail === 'string' ? line.detail : ''
    const error = line.err ? `${String(line.err.type)}: ${String(line.err.message)}` : detail
    if (level >= ERROR && !isExpected({ msg, error }))
      bump(unexpected, `${msg} (${error})`.slice(0, MAX_LENGTH))
    else bump(warned, msg)
  }

  return {
    read(log) {
      const end = log.lastIndexOf('\n') + 1
      if (end <= readTo) return
      for (const line of log.slice(readTo, end).split('\n')) if (line !== '') take(line)
      readTo = end
    },
    unexpected: () => unexpected,
    warned: () => warned,
  }
}

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function parsed(text: string): Line | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}
