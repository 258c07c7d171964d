import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { findFreePort } from '../chain/free-port.ts'
import { createPerson, openLoan, type Person } from './person.ts'

interface Answer {
  readonly status: number
  readonly text: string
  readonly body: { status: string; ready: boolean; checks: Record<string, { ok: boolean }> }
}

const KEY = 'a-key-that-nobody-may-read'

let bed: Bed
let ada: Person
let port = 0
let standbyPort = 0
const beats: string[] = []
const monitor = createServer((request, response) => {
  beats.push(`${request.method ?? ''} ${request.url ?? ''}`)
  response.end('OK')
})

beforeAll(async () => {
  port = await findFreePort()
  standbyPort = await findFreePort()
  await new Promise<void>((resolve) => monitor.listen(0, '127.0.0.1', resolve))
  const { port: monitorPort } = monitor.address() as AddressInfo
  bed = await createBed({
    env: {
      BUOY_HTTP_PORT: String(port),
      BUOY_HEARTBEAT_URL: `http://127.0.0.1:${monitorPort}/ping/${KEY}`,
    },
  })
  await bed.buoy.start()
  ada = await createPerson(bed, 'Ada')
  await ada.type(`/add ${await openLoan(bed)} 1.4 Main`)
  await ada.expect(/Watching Main/)
  await bed.aCycle()
})
afterAll(async () => {
  await bed.stop()
  monitor.closeAllConnections()
  await new Promise((resolve) => monitor.close(resolve))
})

async function ask(path: string, at = port): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${at}${path}`)
  const text = await response.text()
  return { status: response.status, text, body: JSON.parse(text) as Answer['body'] }
}

/** Until it says so. */
async function becomes(status: string): Promise<Answer> {
  for (;;) {
    const answer = await ask('/healthz')
    if (answer.body.status === status) return answer
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describe('the health page', () => {
  it('is green on every count while the bot works, and says nothing about anybody', async () => {
    const healthz = await ask('/healthz')
    expect(healthz.status).toBe(200)
    expect(healthz.body.status).toBe('ok')
    expect(Object.keys(healthz.body.checks).sort()).toEqual([
      'cycle',
      'database',
      'eventLoop',
      'lease',
      'outbox',
    ])
    expect(Object.values(healthz.body.checks).every(({ ok }) => ok)).toBe(true)
    expect(await ask('/readyz')).toMatchObject({ status: 200, body: { ready: true } })
    expect(healthz.text).not.toMatch(/0x|bot|http/)
    expect(healthz.text).not.toContain(String(ada.chat))
  })

  it('knows no other page', async () => {
    expect((await ask('/')).status).toBe(404)
    expect((await fetch(`http://127.0.0.1:${port}/healthz`, { method: 'POST', body: 'x' })).status).toBe(405)
  })

  it('has let the monitoring service know, at the address it gave', () => {
    expect(beats).toEqual([`GET /ping/${KEY}`])
    expect(bed.buoy.logText()).not.toContain(KEY)
  })

  // Before the clock is moved: until it is renewed, a lease that time has run past is free to take.
  it('says standby on one that waits, which is well but not ready', async () => {
    const next = bed.another({ BUOY_STANDBY: '1', BUOY_HTTP_PORT: String(standbyPort) })
    await next.start()
    await next.waitForLog(({ msg }) => msg === 'health is served', { what: 'the page' })
    expect(await ask('/healthz', standbyPort)).toMatchObject({ status: 200, body: { status: 'standby' } })
    expect(await ask('/readyz', standbyPort)).toMatchObject({ status: 503, body: { ready: false } })
    await next.stop()
  })

  it('turns red when an alert has waited for five minutes, and green once it is out', async () => {
    await bed.telegram.control.pause()
    const from = bed.buoy.logMark()
    await bed.chain.setPrice({ asset: 'WMON', usd: '3.40' })
    await bed.buoy.waitForLog(({ outcome }) => outcome === 'not-sent', { what: 'a refused connection', from })
    expect((await ask('/healthz')).body.status).toBe('ok')
    await bed.advance(400)
    const red = await becomes('red')
    expect(red.status).toBe(503)
    expect(red.body.checks['outbox']).toMatchObject({ ok: false })
    expect(red.body.checks['database']).toMatchObject({ ok: true })
    expect((await ask('/readyz')).status).toBe(503)
    await bed.telegram.control.resume()
    await ada.expect(/🟠/)
    expect((await becomes('ok')).status).toBe(200)
  })

  it('a port that is taken refuses the start with one line, and leaves the lease free', async () => {
    expect(await bed.buoy.stop()).toBe(0)
    const taken = await findFreePort()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(taken, '127.0.0.1', resolve))
    const refused = bed.another({ BUOY_HTTP_PORT: String(taken) })
    refused.launch()
    expect(await refused.exited()).toBe(1)
    await new Promise((resolve) => other.close(resolve))
    const fatal = refused
      .logText()
      .split('\n')
      .filter((line) => line.includes('"level":60'))
    expect(fatal).toHaveLength(1)
    expect(fatal[0]).toContain(`cannot listen on 127.0.0.1 port ${taken}: another program uses it`)
    await bed.buoy.start()
    expect((await ask('/healthz')).status).toBe(200)
  })
})
