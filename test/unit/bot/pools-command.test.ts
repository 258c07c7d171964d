import { beforeEach, describe, expect, it } from 'vitest'
import { createPoolFilters } from '../../../src/bot/pool-filters.ts'
import { aLoan, aPool, ranked } from '../domain/pools/kit.ts'
import { BONK, dataOf, EVM, poolWorld, SOL, USDC } from './pool-kit.ts'

let world: ReturnType<typeof poolWorld>
beforeEach(() => {
  world = poolWorld()
  const rows = Array.from({ length: 12 }, (_, index) => ranked(aPool({ id: `p${index}` })))
  world.desk.best = { rows: [...rows, ranked(aLoan(0.1))], count: 99, ageMs: 60_000, suspect: null }
})

describe('/pools', () => {
  it('shows what matches the rules and tokens of the chat', async () => {
    const { body } = await world.type('pools')
    expect(body.text).toMatch(/^Where money earns now, the best first/)
    expect(world.desk.asked).toEqual([{ chatId: 1 }])
  })

  it('takes tokens by mint, address, name on the list, or a name that only one vouched-for token has', async () => {
    await world.type(`tokens add ${BONK}`)
    world.desk.found = [
      { address: BONK, symbol: 'Bonk', verified: true, count: 9 },
      { address: SOL, symbol: 'SOL', verified: true, count: 90 },
      { address: USDC, symbol: 'SOL', verified: false, count: 900 },
    ]
    await world.type(`pools ${USDC}, ${EVM} bonk sol`)
    expect(world.desk.asked).toEqual([{ chatId: 1, tokens: [USDC, EVM.toLowerCase(), BONK, SOL] }])
  })

  it('asks back when several tokens have the name, and each button means one of them', async () => {
    world.desk.found = [SOL, USDC].map((address) => ({ address, symbol: 'FAKE', verified: null, count: 1 }))
    const shown = await world.type('pools fake')
    expect(shown.body.text).toContain('anybody may choose a name')
    expect(dataOf(shown)).toEqual([`pooltoken:${SOL}`, `pooltoken:${USDC}`])
    expect(world.desk.asked).toEqual([])
    await world.press(`pooltoken:${USDC}`)
    expect(world.desk.asked).toEqual([{ chatId: 1, tokens: [USDC] }])
  })

  it.each([
    ['a name that nobody knows', 'nothing', 'no token of this name'],
    ['a mistyped capital letter', EVM.replace('a', 'A'), 'checksum'],
    ['an address that is too short', '0x12', '0x and 40 digits'],
    ['a mint that is too short', USDC.slice(0, 40), 'base58 of 32 bytes'],
    ['too many tokens', Array.from({ length: 11 }, () => SOL).join(' '), 'at most 10'],
    ['a name of objects', 'constructor', 'no token of this name'],
  ])('answers %s in one line with an example', async (...given) => {
    const [, typed, part] = given
    const lines = (await world.type(`pools ${typed}`)).body.text.split('\n')
    expect(lines).toEqual([expect.stringContaining(part), expect.stringMatching(/^Example: \/pools /)])
    expect(world.desk.asked).toEqual([])
  })

  it('keeps to the named tokens on the next page and under its charts', async () => {
    const data = dataOf(await world.type(`pools ${SOL} ${USDC}`))
    const next = data.find((one) => one.startsWith('poolpage:1')) ?? ''
    const shown = await world.press(next)
    expect(shown.body.text).toContain('\n6. SOL-X')
    const chart = dataOf(shown).find((one) => one.startsWith('poolchart:')) ?? ''
    await world.press(chart)
    expect(world.desk.asked).toEqual(Array.from({ length: 3 }, () => ({ chatId: 1, tokens: [SOL, USDC] })))
    expect(world.desk.charts).toEqual(['meteora:p5'])
  })

  it('says that a list is too old when its tokens are no longer known', async () => {
    for (const data of ['poolpage:1:00000000', 'poolchart:00000000:00000000'])
      expect((await world.press(data)).body.text).toMatch(/^I no longer know which tokens/)
    expect(world.desk.asked).toEqual([])
  })

  it('sends the chart as a picture with the numbers under it, and as text while there is none', async () => {
    const data = dataOf(await world.press('pools'))[0] ?? ''
    const without = await world.press(data)
    expect(without.photo).toBeUndefined()
    expect(without.body.text).toContain('No picture yet')
    world.desk.chart = Buffer.from('png')
    const withOne = await world.press(data)
    expect(withOne.photo).toEqual(Buffer.from('png'))
    expect(withOne.body.text).toMatch(/^SOL-X · Meteora · 365 % a year/)
    expect(withOne.body.text).not.toContain('No picture yet')
  })

  it('says so when the pool behind a chart no longer matches', async () => {
    expect((await world.press('poolchart:12345678')).body.text).toContain('no longer among what matches')
    expect(world.desk.charts).toEqual([])
  })

  it('says in one line that it is switched off', async () => {
    for (const name of ['pools', 'tokens', 'poolalerts', 'lp'])
      expect((await world.type(name, { pools: null })).body.text).toMatch(
        /^Pool opportunities are switched off/,
      )
    for (const name of [
      'poolpage:1',
      'poolchart:1',
      'pooltoken:1',
      'pal:on',
      'tok:any',
      'lpshow:x',
      'lppage:x:1',
    ])
      expect((await world.press(name, { pools: null })).body.text).toContain('switched off')
  })
})

describe('what a page is about', () => {
  it('is remembered for the latest thousand lists', () => {
    const filters = createPoolFilters()
    const first = filters.keep(['a'])
    const second = filters.keep(['b'])
    filters.keep(['a'])
    for (let index = 0; index < 999; index += 1) filters.keep([`x${index}`])
    expect(filters.find(first)).toEqual(['a'])
    expect(filters.find(second)).toBeUndefined()
  })
})
