import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { entryFile } from './entry-file.ts'
import type { ProcessFigures } from './figures.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const START_LIMIT_MS = 60_000
const STARTED = /"starting loops"|"standing by: /

/** One line of the product's log. */
export interface LogLine {
  readonly msg?: string
  readonly [field: string]: unknown
}

/** The product as a child process that can be started, stopped and killed any number of times. */
export interface BuoyProcess {
  /** Resolves when it works, or waits on standby. */
  start(): Promise<void>
  /** Starts it and waits for nothing. */
  launch(): void
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL, at once and without warning. */
  kill9(): Promise<void>
  /** SIGSTOP: it stands still with everything in its hands. */
  pause(): void
  /** SIGCONT. */
  resume(): void
  /** Lets time pass for the product, running or not. It has passed after a restart too. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock of the run under way so far from the right time; nothing else is moved. */
  setWallClock(wrongByMs: number): Promise<void>
  /** Leaves no room in the database of the run under way, or makes room again. SQLite alone. */
  fillDatabase(full: boolean): Promise<void>
  /** Collects garbage and answers with what is left. The first answer starts the watch on the event loop. */
  figures(): Promise<ProcessFigures>
  /** Everything logged so far, over all runs. */
  readonly logText: () => string
  /** How long the log is now; pass it as `from` to wait for what comes later. */
  readonly logMark: () => number
  waitForLog(match: (line: LogLine) => boolean, wait: { what: string; from?: number }): Promise<LogLine>
  exited(): Promise<number | null>
  /** Of the run under way. */
  pid(): number
}

/** Prepares the process; `env` is its whole configuration. */
export function createBuoyProcess(env: Readonly<Record<string, string>>): BuoyProcess {
  let child: ChildProcess | undefined
  let log = ''
  let advancedMs = 0
  const watchers = new Set<() => void>()

  function running(): ChildProcess {
    if (!child) throw new Error('Buoy is not running in this test')
    return child
  }

  async function exitOf(process: ChildProcess): Promise<number | null> {
    if (process.exitCode !== null || process.signalCode !== null) return process.exitCode
    const [code] = (await once(process, 'exit')) as [number | null]
    return code
  }

  function launch(): ChildProcess {
    const process_ = fork(entryFile(), {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'] ?? '',
        BUOY_TEST_CLOCK_OFFSET_MS: String(advancedMs),
        ...env,
      },
      // Whatever started this one, such as tsx, is not needed in it.
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    child = process_
    for (const stream of [process_.stdout, process_.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        log += chunk.toString()
        for (const watcher of [...watchers]) watcher()
      })
    }
    return process_
  }

  /** Resolves with the answer's member of that name, or rejects when the process ends first. */
  async function ask(question: object, name: string): Promise<unknown> {
    const process = running()
    return new Promise((resolve, reject) => {
      function answered(message: object): void {
        if (!(name in message)) return
        done()
        resolve(message[name as keyof typeof message])
      }
      function ended(): void {
        done()
        reject(new Error('Buoy ended before it answered'))
      }
      function done(): void {
        process.off('message', answered)
        process.off('exit', ended)
      }
      process.on('message', answered)
      process.once('exit', ended)
      process.send(question)
    })
  }

  async function waitForLog(
    match: (line: LogLine) => boolean,
    { what, from = 0 }: { what: string; from?: number },
  ): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        watchers.delete(look)
        reject(new Error(`no log line for ${what}; the log was:\n${log}`))
      }, START_LIMIT_MS)
      function look(): void {
        const found = linesOf(log.slice(from)).find(match)
        if (!found) return
        clearTimeout(timer)
        watchers.delete(look)
        resolve(found)
      }
      watchers.add(look)
      look()
    })
  }

  return {
    launch,
    async start() {
      const started = log.length
      const process_ = launch()
      await new Promise<void>((resolve, reject) => {
        function look(): void {
          if (!STARTED.test(log.slice(started))) return
          done()
          resolve()
        }
        function died(): void {
          done()
          reject(new Error(`Buoy ended while starting:\n${log.slice(started)}`))
        }
        function done(): void {
          watchers.delete(look)
          process_.off('exit', died)
        }
        watchers.add(look)
        process_.once('exit', died)
      })
    },
    pause() {
      running().kill('SIGSTOP')
    },
    resume() {
      running().kill('SIGCONT')
    },
    async stop() {
      const process_ = running()
      process_.kill('SIGTERM')
      return exitOf(process_)
    },
    async kill9() {
      const process_ = running()
      process_.kill('SIGKILL')
      await exitOf(process_)
    },
    async advance(ms) {
      advancedMs += ms
      if (child?.connected) await ask({ advanceMs: ms }, 'done')
    },
    async setWallClock(wrongByMs) {
      await ask({ wallMs: wrongByMs }, 'done')
    },
    async fillDatabase(full) {
      await ask({ full }, 'done')
    },
    figures: async () => (await ask({ figures: true }, 'figures')) as ProcessFigures,
    logText: () => log,
    logMark: () => log.length,
    waitForLog,
    exited: () => exitOf(running()),
    pid: () => running().pid ?? 0,
  }
}

function linesOf(text: string): LogLine[] {
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine)
}
