import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../db/database.ts'
import { run } from '../../src/doctor/run.ts'
import type { Finding } from '../../src/domain/finding.ts'
import { type Bed, createBed } from '../bed/bed.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import { createDoctor, type Doctor, KEY, said } from './doctor-kit.ts'
import { createPerson, personIn } from './person.ts'

const OPERATOR = 7_000_001
const NOBODY = '0x000000000000000000000000000000000000dEaD'
const LIMIT_MS = 60_000
const folder = mkdtempSync(join(tmpdir(), 'buoy-doctor-'))

let bed: Bed
/** A second endpoint for the faults, so that the first one stays well. */
let other: RpcProxy
let doctor: Doctor

beforeAll(async () => {
  bed = await createBed({ env: { BUOY_ADMIN_IDS: String(OPERATOR) } })
  other = await createRpcProxy({ target: bed.chain.url })
  await (await openDatabase({ kind: 'sqlite', path: bed.databasePath })).close()
  const endpoints = [
    `${bed.proxy.url};rps=1000;gas=200000000`,
    `${other.url}/v1/${KEY};rps=1000;gas=200000000`,
  ]
  doctor = createDoctor({ folder, env: { ...bed.env, BUOY_RPC_URLS: endpoints.join(',') } })
})
afterAll(async () => {
  await other.stop()
  await bed.stop()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(async () => {
  await other.set({ kind: 'ok' })
  await bed.telegram.control.clearFaults()
  await bed.morphoApi.set({ kind: 'ok' })
})

describe('npm run doctor', { timeout: LIMIT_MS }, () => {
  it('finds nothing bad where everything is well, in a table of at most 100 columns', async () => {
    const { code, stdout, stderr } = await doctor.run([])
    expect(stdout).not.toContain('✗')
    expect(code).toBe(0)
    const rows = stdout.trimEnd().split('\n')
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(100)
    for (const what of [
      'Node',
      'Database (SQLite)',
      'Telegram at 127.0.0.1',
      'Neverland registry',
      'Morpho search',
    ]) {
      expect(stdout).toContain(`✓ ${what}`)
    }
    expect(stdout).toContain('@fake_test_bot')
    expect(stdout).toContain('tables of this version, no damage found')
    expect(stdout).toMatch(/✓ RPC 127\.0\.0\.1:\d+ +block \d+, \d\.\d s old, .+, \d+ ms; reads, logs\n/)
    expect(stdout).toMatch(/✓ Morpho's API +answers/)
    expect(rows.at(-1)).toMatch(/^\d+ checks: \d+ good, \d+ doubtful, 0 bad\.$/)
    expect(stdout).not.toContain('\u001b')
    expect(stderr).toBe(
      'Asking 2 endpoints, Neverland, Morpho, Curvance, Euler, Telegram and the database…\n',
    )
  })

  it('leaves no trace: no update taken, nothing sent, no file made', async () => {
    await bed.telegram.control.clearRecords()
    const files = readdirSync(join(bed.databasePath, '..'))
    await doctor.run([])
    const methods = (await bed.telegram.control.requests({})).map(({ method }) => method)
    expect(methods).toEqual(['getMe'])
    expect(readdirSync(join(bed.databasePath, '..'))).toEqual(files)
    expect(readdirSync(folder)).toEqual([])
  })

  it.each([
    { fault: { kind: 'down' }, detail: 'ECONNREFUSED', change: 'BUOY_RPC_URLS' },
    { fault: { kind: 'wrong-chain-id' }, detail: 'serves chain 1, expected 143', change: 'BUOY_CHAIN_ID' },
    {
      fault: { kind: 'stale', blocks: 40 },
      detail: /newest block is|40 blocks behind/,
      change: 'BUOY_RPC_URLS',
    },
    { fault: { kind: 'html' }, detail: 'not JSON', change: 'BUOY_RPC_URLS' },
    { fault: { kind: 'hang' }, detail: 'no answer within 10 s', change: 'BUOY_RPC_URLS' },
    { fault: { kind: 'status', status: 429 }, detail: 'rate limit (429)', change: 'BUOY_RPC_URLS' },
    { fault: { kind: 'truncate' }, detail: 'multicall failed', change: 'BUOY_MULTICALL3' },
  ] as const)(
    'names an endpoint that is $fault.kind, and only that one',
    async ({ fault, detail, change }) => {
      await other.set(fault)
      const { code, list } = await doctor.troubles()
      const bad = list.filter(({ mark, what }) => mark === 'bad' && what.startsWith('RPC'))
      expect(bad.map(({ what }) => what)).toEqual([`RPC ${new URL(other.url).host}`])
      if (typeof detail === 'string') expect(bad[0]?.detail).toContain(detail)
      else expect(bad[0]?.detail).toMatch(detail)
      expect(bad[0]?.change).toContain(change)
      expect(list.filter(({ mark }) => mark === 'bad')).toHaveLength(1)
      expect(code).toBe(1)
    },
  )

  it('only doubts an endpoint that refuses the range of logs', async () => {
    await other.set({ kind: 'status', status: 500, methods: ['eth_getLogs'] })
    const { code, list } = await doctor.troubles()
    expect(said(list)).toMatch(/^doubtful RPC .*: no logs: HTTP 500.* → Set a smaller logs=/m)
    expect(code).toBe(0)
  })

  it('says which setting is wrong when there is no Multicall3', async () => {
    const { code, list } = await doctor.troubles({ BUOY_MULTICALL3: NOBODY })
    expect(said(list)).toMatch(/^bad RPC .*: no Multicall3 at its address → Correct BUOY_MULTICALL3$/m)
    expect(code).toBe(1)
  })

  it('says which setting is wrong when a protocol is elsewhere', async () => {
    const { code, list } = await doctor.troubles({
      BUOY_MORPHO_ADDRESS: NOBODY,
      BUOY_NEVERLAND_REGISTRY: NOBODY,
    })
    expect(said(list)).toMatch(/^bad .*0x0000…dead: no contract at this address; see BUOY_MORPHO_ADDRESS/m)
    expect(said(list)).toContain('BUOY_NEVERLAND_REGISTRY')
    expect(code).toBe(1)
  })

  it('says that every protocol waits for an endpoint when there is none', async () => {
    const { code, list } = await doctor.troubles({ BUOY_RPC_URLS: 'http://127.0.0.1:1' })
    expect(said(list)).toMatch(/^bad Neverland: could not be checked: .* → Look at the RPC lines first/m)
    expect(said(list)).toContain('bad RPC 127.0.0.1:1: connection failed (ECONNREFUSED)')
    expect(code).toBe(1)
  })

  it('names the setting of an API that does not answer', async () => {
    await bed.morphoApi.set({ kind: 'html' })
    const { code, list } = await doctor.troubles()
    expect(said(list)).toMatch(/^bad Morpho's API: HTTP 200, not JSON → Look at BUOY_MORPHO_API_URL$/m)
    expect(code).toBe(1)
  })

  it('takes an API that is switched off for a choice', async () => {
    const { code, list } = await doctor.troubles({ BUOY_MORPHO_API_URL: '' })
    expect(said(list)).toContain("doubtful Morpho search: could miss loans: Morpho's API is switched off")
    expect(code).toBe(0)
  })

  it('tells a refused token from a Telegram that is away', async () => {
    const refused = await doctor.troubles({ BUOY_TELEGRAM_TOKEN: `4200001:${'x'.repeat(35)}` })
    expect(said(refused.list)).toMatch(
      /^bad Telegram .*: refuses the token \(401 Unauthorized\) → .*BUOY_TELEGRAM_TOKEN$/m,
    )
    expect(refused.code).toBe(1)
    const away = await doctor.troubles({ BUOY_TELEGRAM_API_ROOT: 'http://127.0.0.1:1' })
    expect(said(away.list)).toMatch(
      /^bad Telegram .*: does not answer \(ECONNREFUSED\) → .*BUOY_TELEGRAM_API_ROOT$/m,
    )
    expect(away.code).toBe(1)
  })

  it('sees a clock that is wrong by both others, and blames no setting for it', async () => {
    let text = ''
    const code = await run({
      words: ['--json'],
      env: bed.env,
      out: (more) => {
        text += more
      },
      err: () => undefined,
      style: { width: 100, colour: false },
      now: () => Date.now() + 60_000,
    })
    const { checks } = JSON.parse(text) as { checks: readonly Finding[] }
    const clocks = checks.filter(({ what }) => what.startsWith('Clock'))
    expect(clocks.map(({ mark, what }) => `${mark} ${what}`)).toEqual([
      'bad Clock against Telegram',
      'bad Clock against newest block',
    ])
    for (const { change } of clocks) expect(change).toContain('NTP')
    expect(code).toBe(1)
  })

  it('works beside the running bot, which answers /doctor to its admins alone', async () => {
    await bed.telegram.control.createUser({ id: OPERATOR, firstName: 'Olga', started: true })
    await bed.buoy.start()
    const { code } = await doctor.troubles()
    expect(code).toBe(0)
    await bed.morphoApi.set({ kind: 'html' })
    const operator = personIn(bed, { user: OPERATOR, chat: OPERATOR })
    const answer = await operator.ask('/doctor', /^Self-check/)
    const [, summary, , worst] = answer.text.split('\n')
    expect(summary).toMatch(/^\d+ checks: \d+ good, \d+ doubtful, [1-9] bad\.$/)
    expect(worst).toMatch(/^❌ Morpho/)
    expect(answer.text).toContain('✓ Telegram at 127.0.0.1')
    expect(answer.text).not.toMatch(/0x[0-9a-f]{40}/i)
    expect(answer.text.length).toBeLessThan(4096)
    const ada = await createPerson(bed, 'Ada')
    await ada.ask('/doctor', /I do not know this command/)
    expect(await bed.buoy.stop()).toBe(0)
  })
})
