import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { findFreePort } from '../chain/free-port.ts'

export interface Checks {
  readonly status: string
  readonly checks: Readonly<Record<string, { ok: boolean }>>
}

/** What watches the watchman: his health page, and the service that expects his calls. */
export interface Onlookers {
  readonly env: Readonly<Record<string, string>>
  health(): Promise<Checks>
  /** How many calls have come. */
  beats(): number
  stop(): Promise<void>
}

export async function createOnlookers(): Promise<Onlookers> {
  const port = await findFreePort()
  let beats = 0
  const service = createServer((_, response) => {
    beats += 1
    response.end('OK')
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const { port: servicePort } = service.address() as AddressInfo
  return {
    env: { BUOY_HTTP_PORT: String(port), BUOY_HEARTBEAT_URL: `http://127.0.0.1:${servicePort}/ping` },
    async health() {
      const response = await fetch(`http://127.0.0.1:${port}/healthz`)
      return (await response.json()) as Checks
    },
    beats: () => beats,
    async stop() {
      service.closeAllConnections()
      await new Promise((resolve) => service.close(resolve))
    },
  }
}
