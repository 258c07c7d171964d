import { beforeEach, describe, expect, it } from 'vitest'
import type { CommandDeps } from '../../../src/bot/command.ts'
import { commandTable } from '../../../src/bot/command-table.ts'
import { PRESET_RULES } from '../../../src/domain/pools/rules.ts'
import { BONK, dataOf, EVM, poolWorld, SOL, USDC } from './pool-kit.ts'

let world: ReturnType<typeof poolWorld>
beforeEach(() => {
  world = poolWorld()
  world.desk.found = [{ address: BONK, symbol: 'Bonk', verified: true, count: 9 }]
})

const type = async (text: string): Promise<string> => (await world.type(`tokens ${text}`)).body.text
const listed = (): string[] => world.stored().tokens.map(({ address }) => address)

/** Mints as there may be: 32 bytes each. */
function mints(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const signs = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
    return `${USDC.slice(0, 42)}${signs[Math.floor(index / 58)] ?? ''}${signs[index % 58] ?? ''}`
  })
}

describe('/tokens', () => {
  it('says that any token will do while the list is empty, and how to add one', async () => {
    expect(await type('')).toMatch(/^No tokens on your list: any token will do\.\nAdd: \/tokens add/)
  })

  it('adds mints and addresses, several at once, with the symbol where it is known', async () => {
    expect((await type(`add ${BONK}`)).split('\n')[0]).toBe('✅ Bonk added.')
    const text = await type(`add ${EVM}, ${SOL}`)
    expect(text.split('\n')[0]).toBe('✅ 2 added. I see no market with 2 of them now; is the address right?')
    expect(text).toContain(`1. Bonk ${BONK}`)
    expect(listed()).toEqual([BONK, EVM.toLowerCase(), SOL])
    expect((await type(`add ${BONK}`)).split('\n')[0]).toBe('On your list already.')
  })

  it('takes an address alone as one to add', async () => {
    await type(BONK)
    expect(listed()).toEqual([BONK])
  })

  it('takes none when one of several is wrong', async () => {
    const lines = (await type(`add ${BONK} ${EVM.replace('a', 'A')}`)).split('\n')
    expect(lines).toEqual([
      expect.stringContaining('checksum'),
      expect.stringMatching(/^Example: \/tokens add /),
    ])
    expect(listed()).toEqual([])
  })

  it.each([
    ['add', 'I need the mint or address'],
    ['add nothing', '“nothing”'],
    [`add ${USDC.slice(0, 40)}`, 'base58 of 32 bytes'],
    ['add 0x1234', '0x and 40 digits'],
    ['add constructor', '“constructor”'],
    ['constructor', '“constructor”'],
    ['sides', '“sides”'],
    ['remove', 'I need one token'],
    ['remove 1 2', 'I need one token'],
    ['remove 7', 'not on your list'],
    ['remove Bonk', 'not on your list'],
    ['quote add', 'I need the mint or address'],
    ['quote add constructor', '“constructor”'],
    ['quote remove 1', 'no quote token here'],
    ['quote constructor', '“constructor”'],
  ])('answers “%s” in one line with an example, and changes nothing', async (text, part) => {
    const before = world.stored()
    const lines = (await type(text)).split('\n')
    expect(lines).toEqual([expect.stringContaining(part), expect.stringMatching(/^Example: \/tokens /)])
    expect(lines[0]).toContain('Nothing was changed.')
    expect(world.stored()).toEqual(before)
  })

  it('asks which one is meant by a name, and adds only by address', async () => {
    for (const to of ['', 'quote ']) {
      const shown = await world.type(`tokens ${to}add bonk`)
      expect(shown.body.text).toContain('anybody may choose a name')
      expect(listed()).toEqual([])
      expect(dataOf(shown)).toEqual([`tok:${to}add ${BONK}`])
    }
  })

  it('has room for fifty, and takes none of too many', async () => {
    await type(`add ${mints(49).join(' ')}`)
    expect(listed()).toHaveLength(49)
    expect(await type(`add ${BONK} ${SOL}`)).toContain('room for 50')
    expect(listed()).toHaveLength(49)
    await type(`add ${BONK}`)
    expect(listed()).toHaveLength(50)
    expect(await type(`add ${mints(51).join(' ')}`)).toContain('I read 51 tokens')
  })

  it('shows a long list in pages with a button to remove each', async () => {
    await type(`add ${mints(25).join(' ')}`)
    const last = await world.press('tok:page 2')
    expect(last.body.text).toContain('\n21. ')
    expect(dataOf(last).filter((data) => data.startsWith('tok:remove '))).toHaveLength(5)
    expect(dataOf(last)).toContain('tok:page 1')
  })

  it('removes by button, number, name or address, and one button takes that back', async () => {
    for (const which of [BONK, '1', 'bonk']) {
      await type(`add ${BONK}`)
      const shown = await world.press(`tok:remove ${which}`)
      expect(shown.body.text).toMatch(/^🗑 Bonk is off your list\./)
      expect(listed()).toEqual([])
      await world.press(dataOf(shown).find((data) => data.startsWith('tok:add ')) ?? '')
      expect(listed()).toEqual([BONK])
    }
    await type(`add ${EVM}`)
    await type(`remove ${EVM}`)
    expect(listed()).toEqual([BONK])
  })

  it('clears the list only when that is confirmed', async () => {
    await type(`add ${BONK} ${SOL}`)
    const shown = await world.type('tokens clear')
    expect(shown.body.text).toBe('Take all 2 tokens off your list? Any token will do then.')
    expect(listed()).toHaveLength(2)
    await world.press(dataOf(shown)[0] ?? '')
    expect(listed()).toEqual([])
    expect(await type('clear')).toMatch(/^No tokens on your list/)
  })

  it('changes whether both sides must be on the list, and what may stand on the other side', async () => {
    expect(await type('any')).toMatch(/^✅ Any side/)
    expect(world.stored().wishes.rules.sides).toBe('any')
    expect(await type('both')).toMatch(/^✅ Both sides/)
    expect(await type(`quote add ${BONK} ${EVM}`)).toContain('Quote tokens: 5')
    await world.press(`tok:quote rm ${SOL}`)
    await type(`quote remove ${EVM}`)
    expect(world.stored().wishes.rules.quotes).toEqual([...PRESET_RULES.balanced.quotes.slice(1), BONK])
    await type('quote reset')
    expect(world.stored().wishes.rules).toEqual(PRESET_RULES.balanced)
    expect(await type(`quote add ${mints(8).join(' ')}`)).toContain('room for 10')
  })

  it('is looked at by everybody in a group and changed by admins', () => {
    const { changes } = commandTable({} as CommandDeps)['tokens'] ?? {}
    if (typeof changes !== 'function') throw new Error('it depends on the words')
    for (const text of ['', 'page 2', 'quote', 'clear']) expect(changes(text), text).toBe(false)
    for (const text of ['add x', 'remove 1', 'clear yes', 'Any', 'both', 'quote reset', SOL, 'quote rm x'])
      expect(changes(text), text).toBe(true)
  })
})
