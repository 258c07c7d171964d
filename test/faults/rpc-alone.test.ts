import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import type { RpcFault } from '../chain/rpc-faults.ts'
import { createPerson } from '../e2e/person.ts'
import { aCycleOf, type Borrower, createBorrower, linesWith, price, sendAway } from './kit.ts'
import { lieAboutHealth, revertAccounts } from './lies.ts'

const BLIND_SECONDS = 11 * 60

let bed: Bed
let ada: Borrower

beforeAll(async () => {
  bed = await createBed()
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
  await bed.proxy.set({ kind: 'ok' })
  await sendAway(bed, [ada])
})

/** What is not seen in it counts from then on. */
async function aBlindCycle(): Promise<void> {
  await bed.buoy.waitForLog(({ msg, unknown }) => msg === 'cycle' && Number(unknown) > 0, {
    what: 'a cycle that sees nothing',
    from: bed.buoy.logMark(),
  })
}

describe('a single endpoint', () => {
  it('F19 down past the blind minutes: one blind alert, /check shows the last values with their age, then a note', async () => {
    await bed.proxy.set({ kind: 'down' })
    await aBlindCycle()
    await bed.advance(BLIND_SECONDS)
    const alert = await ada.expect(/⚫/)
    expect(alert.silent).toBe(false)
    expect(alert.text).toContain('Last seen: health 1.60 at')
    const answer = await ada.ask('/check', /cannot see it/)
    expect(answer.text).toMatch(/Last seen.*1\.60/s)
    expect(answer.text).toContain('There may be more')
    expect(answer.text).not.toMatch(/no loan|no position|closed|safe/i)
    const stranger = await createPerson(bed, 'Eve')
    const pasted = await stranger.ask(ada.wallet, /cannot see everything/)
    expect(pasted.text).not.toMatch(/no loan|no position/i)
    await aCycleOf(bed.buoy)
    await bed.proxy.set({ kind: 'ok' })
    const back = await ada.expect(/👁/)
    expect(back.silent).toBe(true)
    expect(await linesWith(ada, '⚫')).toHaveLength(1)
  })

  it('F20 nothing but old blocks: blind with the reason that the chain stands still, never told as the present', async () => {
    await bed.proxy.set({ kind: 'stale', blocks: 40 })
    await price(bed, '3.40')
    await aBlindCycle()
    await bed.advance(BLIND_SECONDS)
    const alert = await ada.expect(/⚫/)
    expect(alert.text).toMatch(/Reason: the chain stands still \(.*: newest block is \d+ s old\)/)
    expect((await ada.ask('/check Main', /Main/)).text).toContain('I cannot see it: the chain stands still')
    expect(await linesWith(ada, '🟠')).toEqual([])
    await bed.proxy.set({ kind: 'ok' })
    await ada.expect(/👁|🟠/)
  })

  it('F21 the only endpoint lies and goes on lying: asked again first, then "unconfirmed, one source"', async () => {
    const range = { fromPercent: 159n, toPercent: 161n }
    await bed.proxy.set({ kind: 'lie', rewrite: lieAboutHealth(range, 41n * 10n ** 16n) })
    const alert = await ada.expect(/🆘/)
    expect(alert.text).toContain('may be open to liquidation')
    expect(alert.text).toContain('unconfirmed, one source')
    expect(alert.text).toContain('I could not confirm it')
    await bed.proxy.set({ kind: 'ok' })
    await bed.buoy.waitForLog(({ msg, verdict }) => msg === 'second look' && verdict === 'unconfirmed', {
      what: 'the second look',
    })
  })

  it.each<{ name: string; fault: RpcFault }>([
    { name: 'empty 0x', fault: { kind: 'empty' } },
    { name: 'truncated data', fault: { kind: 'truncate' } },
    { name: 'a wrong chain id', fault: { kind: 'wrong-chain-id' } },
  ])('F22 $name: unknown, and never "closed"', async ({ fault }) => {
    await bed.proxy.set(fault)
    const answer = await ada.ask('/check Main', /cannot see it|health/)
    if (fault.kind !== 'wrong-chain-id') expect(answer.text).toContain('cannot see it')
    await aCycleOf(bed.buoy)
    await aCycleOf(bed.buoy)
    expect(await linesWith(ada, '⚪')).toEqual([])
    await bed.proxy.set({ kind: 'ok' })
    await price(bed, '3.40')
    expect((await ada.expect(/🟠/)).text).toContain('health 1.36')
  })

  it('F23 one of the sub-calls reverts: only that position is unknown, and after a while blind', async () => {
    const bob = await createBorrower(bed, { name: 'Bob', line: '1.2' })
    await bed.chain.repay({ owner: bob.wallet, asset: 'USDC', amount: '937.5' })
    await aCycleOf(bed.buoy)
    // Less than a minute after the one that was stored, so what was seen last is known in memory alone.
    await bed.chain.repay({ owner: bob.wallet, asset: 'USDC', amount: '37.5' })
    await aCycleOf(bed.buoy)
    await bed.proxy.set({ kind: 'lie', rewrite: revertAccounts({ fromPercent: 250n, toPercent: 340n }) })
    await aCycleOf(bed.buoy)
    expect((await bob.ask('/check Main', /Main/)).text).toContain('cannot see it')
    expect((await ada.ask('/check Main', /Main/)).text).toContain('health 1.60')
    await price(bed, '3.40')
    await ada.expect(/🟠/)
    await bed.advance(BLIND_SECONDS)
    expect((await bob.expect(/⚫/)).text).toContain('Last seen: health 3.33')
    expect(await linesWith(ada, '⚫')).toEqual([])
    await sendAway(bed, [bob])
  })

  it('F24 blocks go backwards: no recovery from the orphan, and what holds is judged anew', async () => {
    await price(bed, '3.40')
    await ada.expect(/🟠/)
    const snapshot = await bed.chain.snapshot()
    await price(bed, '4')
    await aCycleOf(bed.buoy)
    await bed.chain.revert(snapshot)
    await aCycleOf(bed.buoy)
    await bed.advance(61)
    await aCycleOf(bed.buoy)
    await aCycleOf(bed.buoy)
    expect(await linesWith(ada, '🟢 Main')).toEqual([])
    // By now some interest has grown.
    expect((await ada.ask('/check Main', /Main/)).text).toMatch(/health 1\.3[56]/)
    await price(bed, '2.70')
    expect((await ada.expect(/🔴/)).text).toContain('health 1.08')
    expect(await linesWith(ada, '⚪')).toEqual([])
  })
})
