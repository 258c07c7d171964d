import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Finding } from '../../src/domain/finding.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** Part of the path of an RPC endpoint in the tests. */
export const KEY = 'SECRETKEY0123456789abcdef'
/** Password of a database in the tests. */
export const PASSWORD = 'hunter2'

type Environment = Readonly<Record<string, string>>

export interface Doctor {
  /** Runs the program; nothing secret may be in what it prints. */
  run(
    words: readonly string[],
    env?: Environment,
  ): Promise<{ code: number | null; stdout: string; stderr: string }>
  /** The checks that are not good, and the exit code. */
  troubles(env?: Environment): Promise<{ code: number | null; list: readonly Finding[] }>
}

/** `npm run doctor` from its source, in a folder of its own. */
export function createDoctor(place: { folder: string; env: Environment }): Doctor {
  async function run(words: readonly string[], env: Environment = {}) {
    const settings = { ...place.env, ...env }
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), join(ROOT, 'src/doctor/main.ts'), ...words],
      {
        cwd: place.folder,
        env: { PATH: process.env['PATH'] ?? '', HOME: place.folder, ...settings },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => {
      output.stdout += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      output.stderr += chunk.toString()
    })
    const [code] = (await once(child, 'close')) as [number | null]
    const token = settings['BUOY_TELEGRAM_TOKEN'] ?? ''
    for (const secret of [KEY, PASSWORD, '/v1/', ...(token === '' ? [] : [token])]) {
      expect(output.stdout + output.stderr).not.toContain(secret)
    }
    return { code, ...output }
  }

  return {
    run,
    async troubles(env) {
      const { code, stdout } = await run(['--json'], env)
      const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: readonly Finding[] }
      expect(ok).toBe(code === 0)
      return { code, list: checks.filter(({ mark }) => mark !== 'good') }
    },
  }
}

/** As one text, to be looked through. */
export function said(list: readonly Finding[]): string {
  return list
    .map(({ mark, what, detail, change }) => `${mark} ${what}: ${detail} → ${change ?? ''}`)
    .join('\n')
}
