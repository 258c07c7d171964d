import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { openFourLoans } from '../bed/loans.ts'
import type { RpcAnswer } from '../chain/rpc-faults.ts'
import { createPerson, openLoan, type Person } from '../e2e/person.ts'
import { price, sendAway } from './kit.ts'

/** Line breaks, marks that turn the direction of writing, and other things that are not seen. */
const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u
const MAX_ICONS_PER_LINE = 1

const NAMES: readonly { name: string; label: string }[] = [
  { name: 'markup', label: '<b>fake</b> & <a href="//x">x' },
  { name: 'a mark that turns the direction', label: 'safe\u202ekcatta\u202c' },
  { name: 'a newline with a message of its own', label: 'Main\n🟢 Main · recovered' },
  { name: 'emoji built of many signs', label: '👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿'.repeat(5) },
]

let bed: Bed
let ada: Person

beforeAll(async () => {
  bed = await createBed()
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
})
beforeEach(async () => {
  await price(bed, '4')
  await bed.chain.setMorphoPrice({ market: 'WMON-USDC', price: '4' })
  ada = await createPerson(bed, 'Ada')
})
afterEach(async () => {
  await sendAway(bed, [ada])
})

/** Every USDC on the chain calls itself something else; 31 bytes at most. */
function calledInstead(name: string): (answer: RpcAnswer) => string {
  const word = (text: string): string => {
    const bytes = Buffer.from(text)
    return bytes.length.toString(16).padStart(64, '0') + bytes.toString('hex').padEnd(64, '0')
  }
  return ({ result }) => result.replaceAll(word('USDC'), word(name))
}

function expectUnspoofable(text: string): void {
  for (const line of text.split('\n')) {
    expect(line).not.toMatch(HIDDEN)
    expect((line.match(/[🟠🔴🆘🟢⚪⚫]/gu) ?? []).length).toBeLessThanOrEqual(MAX_ICONS_PER_LINE)
  }
}

describe('names that strangers and people choose', () => {
  it.each(NAMES)('F40 a wallet named with $name: a valid, unspoofable message', async ({ label }) => {
    const { control } = bed.telegram
    await ada.ask(`/add ${await openLoan(bed)} 1.4 ${label}`, /Watching/)
    await price(bed, '3.40')
    const alert = await ada.expect(/^🟠/)
    expect(alert.text.split('\n')[0]).toMatch(
      /^🟠 .* · Neverland Main · health 1\.36 · 26\.4 % to liquidation$/u,
    )
    expect(alert.entities.map(({ type }) => type)).not.toContain('text_link')
    expect(alert.text.split('\n').filter((line) => line.startsWith('🟢'))).toEqual([])
    expect(alert.text.length).toBeLessThan(700)
    const requests = await control.requests({ method: 'sendMessage', chat: ada.chat })
    expect(requests.filter(({ status }) => status === 400)).toEqual([])
  })

  it('F40 a wallet named with 300 characters: refused in one short line, and nothing is watched', async () => {
    const answer = await ada.ask(`/add ${await openLoan(bed)} 1.4 ${'W'.repeat(300)}`, /label/)
    expect(answer.text).toContain('A label can have 32 characters')
    expect(answer.text.length).toBeLessThan(250)
    expect((await ada.ask('/list', /wallet/i)).text).toContain('No wallet is watched')
  })

  it.each([
    { name: '<b>', symbol: '<b>' },
    { name: 'an RTL mark and a newline', symbol: 'US\u202eD\n🟢 9.99' },
    { name: 'emoji', symbol: '💵👩‍👧' },
  ])('F40 a token that calls itself $name: a valid, unspoofable message', async ({ symbol }) => {
    const { control } = bed.telegram
    await bed.buoy.stop()
    await bed.proxy.set({ kind: 'lie', rewrite: calledInstead(symbol) })
    await bed.buoy.start()
    const wallet = await openFourLoans(bed)
    expectUnspoofable((await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)).text)
    await price(bed, '3.40')
    await bed.chain.setMorphoPrice({ market: 'WMON-USDC', price: '3.4' })
    const alert = await ada.expect(/🟠/)
    expectUnspoofable(alert.text)
    expectUnspoofable((await ada.ask('/check', /Main/)).text)
    const requests = await control.requests({ method: 'sendMessage', chat: ada.chat })
    expect(requests.filter(({ status }) => status === 400)).toEqual([])
    await bed.proxy.set({ kind: 'ok' })
  })
})
