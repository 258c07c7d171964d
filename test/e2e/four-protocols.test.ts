import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { type Bed, createBed } from '../bed/bed.ts'
import { openFourLoans } from '../bed/loans.ts'
import { buttonsOf, createPerson, type Person, personIn } from './person.ts'

const LOANS = [
  'Neverland Main',
  'Morpho WMON/USDC 86%',
  'Curvance WMON/USDC',
  'Euler eUSDC-1 · account 7',
] as const

let bed: Bed
let ada: Person

beforeAll(async () => {
  bed = await createBed({ env: { BUOY_DISCOVERY_SECONDS: '3600' } })
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
})
beforeEach(async () => {
  ada = await createPerson(bed, 'Ada')
})

/** All texts of the configuration that are URLs. */
function urlsIn(value: unknown): string[] {
  if (typeof value === 'string') return /^[a-z]+:\/\//.test(value) ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(urlsIn) : []
}

describe('the bed of these tests', () => {
  it('leaves the product no address outside this machine', () => {
    const urls = urlsIn(loadConfig(bed.env).config)
    expect(urls).toHaveLength(4)
    for (const url of urls) expect(new URL(url).hostname).toBe('127.0.0.1')
  })
})

describe('a wallet with a loan on each of the four protocols', () => {
  it('is told in full by /add, by /check, and by /check with the name of one protocol', async () => {
    const wallet = await openFourLoans(bed)
    const added = await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    const checked = await ada.ask('/check', /health/)
    for (const { text } of [added, checked]) {
      for (const loan of LOANS) expect(text).toContain(`🟢 ${loan} · health 1.60`)
      expect(text).not.toMatch(/No loan or deposit|cannot see/)
    }
    for (const [index, protocol] of ['neverland', 'morpho', 'curvance', 'euler'].entries()) {
      const one = await ada.ask(`/check ${protocol}`, /health/)
      for (const loan of LOANS) expect(one.text.includes(loan)).toBe(loan === LOANS[index])
      expect(one.text).not.toMatch(/No loan or deposit|cannot see/)
    }
    await bed.advance(61)
    const euler = await ada.ask('/check Main euler', /health/)
    expect(euler.text).toContain('account 7')
    const protocols = await ada.ask('/protocols', /Protocols on Monad/)
    for (const name of ['Neverland', 'Morpho', 'Curvance', 'Euler']) {
      expect(protocols.text).toContain(`${name}: 1 loan of yours`)
    }
  })

  it('is asked about one by one by /position and /rescue', async () => {
    const wallet = await openFourLoans(bed)
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    const which = await ada.ask('/position Main', /Which one/)
    for (const loan of LOANS) expect(buttonsOf(which)).toContain(`Main · ${loan}`)
    await ada.tap('Main · Euler eUSDC-1 · account 7', which.id)
    await ada.expect(/Euler eUSDC-1 · account 7 · health 1\.60[^]*Collateral/)
    // The number of an account is not a target.
    await ada.ask('/position Main account 7', /Euler eUSDC-1 · account 7[^]*Collateral/)
    await ada.ask('/rescue Main account 7 2', /Euler eUSDC-1 · account 7[^]*To health 2\.00/)
    await ada.ask('/threshold Main account 7 1.3', /^Main · Euler eUSDC-1 · account 7 rings at 1\.30/)
    await ada.ask('/rescue curvance 2', /Curvance WMON\/USDC[^]*To health 2/)
  })

  it('is seen as far as it can be: what is hidden is said for its protocol alone', async () => {
    const wallet = await openFourLoans(bed)
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    await bed.euler.failOracle('silently')
    await bed.curvance.setFeed({ symbol: 'WMON', lower: '4', failing: true })
    try {
      const { text } = await ada.ask('/check', /cannot see it/)
      expect(text).toMatch(/❔ Euler eUSDC-1 · account 7 · I cannot see it: .*oracle/)
      expect(text).toMatch(/❔ Curvance WMON\/USDC · I cannot see it: .*WMON/)
      expect(text).toContain('🟢 Neverland Main · health 1.60')
      expect(text).toContain('🟢 Morpho WMON/USDC 86% · health 1.60')
      expect(text).not.toMatch(/No loan or deposit/)
    } finally {
      await bed.euler.failOracle('no')
      await bed.curvance.setFeed({ symbol: 'WMON', lower: '4' })
    }
  })

  it('is not called empty where a protocol did not answer at all', async () => {
    const { euler, curvance, chain } = bed
    const silent = [euler.evc, curvance.addresses.markets['WMON/USDC'].manager]
    await Promise.all(silent.map((address) => chain.makeCallsRevert(address)))
    try {
      const { text } = await ada.ask(chain.newOwner(), /Block/)
      expect(text).toContain('No loan or deposit on Neverland, Morpho.')
      expect(text).toMatch(/⚠️ Euler: I cannot see everything/)
      expect(text).toMatch(/⚠️ Curvance: I cannot see everything/)
    } finally {
      await Promise.all(silent.map((address) => chain.restoreCode(address)))
    }
  })
})

describe('many wallets with loans on all four protocols', () => {
  it('come in pages that fit, with every loan on one of them', async () => {
    const { id: chat } = await bed.telegram.control.createGroup({
      members: [{ user: ada.user, status: 'creator' }],
    })
    const team = personIn(bed, { user: ada.user, chat })
    for (let index = 1; index <= 10; index += 1) {
      if (index % 6 === 0) await bed.advance(61)
      await team.ask(`/add ${await openFourLoans(bed)} 1.4 Wallet-${index}`, /Watching Wallet-/)
    }
    await bed.advance(61)
    const pages = [await team.ask('/check', /Wallet-/)]
    for (
      let page = pages[0];
      page && buttonsOf(page).some((text) => text.endsWith('›'));
      page = pages.at(-1)
    ) {
      const { id, text: before } = page
      const [next = ''] = buttonsOf(page).filter((text) => text.endsWith('›'))
      await team.tap(next, id)
      pages.push(
        await bed.telegram.control.waitFor(async () =>
          (await team.seen()).find((message) => message.id === id && message.text !== before),
        ),
      )
    }
    expect(pages.length).toBeGreaterThan(1)
    for (const { text } of pages) expect(text.length).toBeLessThanOrEqual(4096)
    const all = pages.map(({ text }) => text).join('\n')
    for (const loan of LOANS) expect(all.split(`${loan} · health 1.60`)).toHaveLength(11)
  })
})
