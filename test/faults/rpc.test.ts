import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import type { RpcFault } from '../chain/rpc-faults.ts'
import { rung } from '../e2e/person.ts'
import { aCycleOf, type Borrower, createBorrower, linesWith, price, sendAway } from './kit.ts'
import { lieAboutHealth } from './lies.ts'

const AT_THREE_FORTY = { fromPercent: 135n, toPercent: 137n }
const AT_FOUR = { fromPercent: 159n, toPercent: 161n }
const FORTY_ONE_PERCENT = 41n * 10n ** 16n

let bed: Bed
let ada: Borrower

beforeAll(async () => {
  bed = await createBed({ endpoints: 2 })
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
})
beforeEach(async () => {
  await price(bed, '4')
  ada = await createBorrower(bed)
})
afterEach(async () => {
  for (const proxy of bed.proxies) await proxy.set({ kind: 'ok' })
  await sendAway(bed, [ada])
})

/** The one that is well keeps its answers, and all that Ada hears is the alert. */
async function ringsAsEver(): Promise<void> {
  const [, other] = bed.proxies
  other?.resetRequests()
  const alert = (await price(bed, '3.40'), await ada.expect(/🟠/))
  expect(alert.text).toContain('health 1.36')
  expect(other?.requests().byMethod['eth_call']).toBeGreaterThan(0)
  await aCycleOf(bed.buoy)
  expect(await rung(ada)).toHaveLength(1)
}

describe('two endpoints', () => {
  it.each<{ name: string; fault: RpcFault }>([
    { name: 'down', fault: { kind: 'down' } },
    { name: 'answering 502', fault: { kind: 'status', status: 502 } },
    { name: 'answering with a web page', fault: { kind: 'html' } },
    { name: 'silent', fault: { kind: 'hang' } },
  ])('F18 one endpoint $name: the next read goes to another, users see nothing', async ({ fault }) => {
    await bed.proxy.set(fault)
    await ringsAsEver()
  })

  it('F20 one endpoint tells of an old block: it is rejected as one that is down', async () => {
    await bed.proxy.set({ kind: 'stale', blocks: 40 })
    await ringsAsEver()
  })

  it.each<{ name: string; fault: RpcFault }>([
    { name: 'empty 0x', fault: { kind: 'empty' } },
    { name: 'truncated data', fault: { kind: 'truncate' } },
  ])('F22 $name from one endpoint: the other is asked', async ({ fault }) => {
    await bed.proxy.set(fault)
    await ringsAsEver()
  })

  it('F22 a wrong chain id keeps that endpoint out for good', async () => {
    await bed.buoy.stop()
    await bed.proxy.set({ kind: 'wrong-chain-id' })
    bed.proxy.resetRequests()
    await bed.buoy.start()
    await ringsAsEver()
    const { byMethod } = bed.proxy.requests()
    expect(byMethod['eth_chainId']).toBeGreaterThan(0)
    expect(byMethod['eth_call'] ?? 0).toBe(0)
    await bed.buoy.stop()
    await bed.proxy.set({ kind: 'ok' })
    await bed.buoy.start()
  })

  it('F21 one endpoint lies that health is 0.41: disputed in words, never told as a liquidation', async () => {
    await bed.proxy.set({ kind: 'lie', rewrite: lieAboutHealth(AT_FOUR, FORTY_ONE_PERCENT) })
    const alert = await ada.expect(/❓/)
    await bed.proxy.set({ kind: 'ok' })
    expect(alert.text).toMatch(/sources disagree: .* says 0\.41, .* says 1\.60/)
    expect(alert.text).toContain('Two sources tell different things')
    expect(alert.text).not.toMatch(/liquidated|can be liquidated/)
    await aCycleOf(bed.buoy)
    expect(await linesWith(ada, '🆘')).toEqual([])
    expect((await ada.ask('/check', /Main/)).text).toContain('health 1.60')
  })

  it('F21 one endpoint lies that there is no debt: nothing is told to be over', async () => {
    await price(bed, '3.40')
    await ada.expect(/🟠/)
    bed.proxy.resetRequests()
    await bed.proxy.set({ kind: 'lie', rewrite: lieAboutHealth(AT_THREE_FORTY, 'max') })
    await aCycleOf(bed.buoy)
    await bed.advance(61)
    await aCycleOf(bed.buoy)
    expect(bed.proxy.requests().byMethod['eth_call']).toBeGreaterThan(0)
    await bed.proxy.set({ kind: 'ok' })
    expect(await linesWith(ada, '🟢 Main')).toEqual([])
    await price(bed, '2.70')
    expect((await ada.expect(/🔴/)).text).toContain('health 1.08')
  })
})
