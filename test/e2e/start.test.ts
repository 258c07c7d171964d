import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { createFakeBotApi } from '../fakes/bot-api/index.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const BUILD_LIMIT_MS = 120_000
const folder = mkdtempSync(join(tmpdir(), 'buoy-start-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** `npm start` with nothing in the environment but what is given. */
function npmStart(env: Readonly<Record<string, string>>) {
  return start(['npm', 'start', '--silent'], env)
}

function start([command = '', ...words]: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(command, words, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, BUOY_HTTP_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString()
  })
  return { child, output }
}

describe('npm start', { timeout: BUILD_LIMIT_MS }, () => {
  it('without any setting names every mistake at once and ends with code 78', async () => {
    const { child, output } = npmStart({ BUOY_CYCLE_SECONDS: 'soon', BUOY_ADMIN_IDS: '@ada' })
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(78)
    expect(output.stderr).toContain('3 settings are not usable')
    expect(output.stderr).toContain('BUOY_TELEGRAM_TOKEN\n  read:     nothing (it is required)')
    expect(output.stderr).toContain('BUOY_CYCLE_SECONDS\n  read:     "soon"')
    expect(output.stderr).toContain('BUOY_ADMIN_IDS\n  read:     "@ada"')
    expect(output.stderr).not.toContain('at Object')
  })

  it('with an empty environment asks for the one setting that is required', async () => {
    const { child, output } = npmStart({})
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(78)
    expect(output.stderr).toContain('One setting is not usable')
    expect(output.stderr).toContain('.env.example explains each one')
  })

  it('starts the built program, answers in Telegram and ends with code 0 on SIGTERM', async () => {
    const telegram = await createFakeBotApi()
    // What `npm start` runs: npm itself does not wait for a child that it was told to end.
    const { child, output } = start(['node', 'bin/start.js'], {
      BUOY_TELEGRAM_TOKEN: telegram.token,
      BUOY_TELEGRAM_API_ROOT: telegram.url,
      BUOY_RPC_URLS: 'http://127.0.0.1:1',
      BUOY_DATABASE_URL: `file:${join(folder, 'buoy.db')}`,
    })
    try {
      const user = await telegram.control.createUser({ firstName: 'Ada' })
      await telegram.control.say({ user: user.id, text: '/start' })
      await telegram.control.waitForMessage({ chat: user.id, text: /wakes you/, timeoutMs: BUILD_LIMIT_MS })
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      expect((await ended)[0]).toBe(0)
      expect(output.stdout).toContain('"msg":"stopped"')
      expect(output.stdout).not.toContain(telegram.token)
    } finally {
      child.kill('SIGKILL')
      await telegram.stop()
    }
  })

  it('has a doctor beside it, built in the same way', async () => {
    const { child, output } = start(['npm', 'run', 'doctor', '--silent', '--', '--help'], {})
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(0)
    expect(output.stdout).toContain('Checks everything that Buoy needs')
  })

  it('refuses a database that it cannot use with an instruction', async () => {
    writeFileSync(join(folder, 'file'), '')
    const { child, output } = npmStart({
      BUOY_TELEGRAM_TOKEN: '123456789:AAE-a_token_of_nobody_0123456789abcde',
      BUOY_DATABASE_URL: `file:${join(folder, 'file', 'buoy.db')}`,
    })
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(1)
    expect(output.stdout).toContain('Check BUOY_DATABASE_URL')
  })
})
