import { beforeEach, describe, expect, it } from 'vitest'
import type { CommandDeps } from '../../../src/bot/command.ts'
import { buttonTable, commandTable } from '../../../src/bot/command-table.ts'
import type { LpPosition } from '../../../src/domain/pools/position.ts'
import { BONK, dataOf, EVM, poolWorld, WALLET } from './pool-kit.ts'

let world: ReturnType<typeof poolWorld>
beforeEach(() => {
  world = poolWorld()
})

const type = async (text: string): Promise<string> => (await world.type(`lp ${text}`)).body.text
const watched = (): (string | null)[][] => world.stored().wallets.map(({ wallet, label }) => [wallet, label])

function position(active: number | null): LpPosition {
  return {
    position: 'q',
    pool: 'p',
    name: 'SOL-USDC',
    bins: { lower: 100, upper: 168, active, outOfRange: null },
    poolValueUsd: 1_234,
    poolUnclaimedUsd: null,
    link: 'https://app.meteora.ag/dlmm/p',
  }
}

describe('/lp', () => {
  it('watches a Solana wallet and shows at once where its positions stand', async () => {
    world.desk.positions = {
      positions: [position(120), position(170), position(null), position(168)],
      gaps: null,
    }
    const lines = (await type(`${WALLET} My pools`)).split('\n')
    expect(lines[0]).toMatch(/^✅ Watched from now on/)
    expect(lines[1]).toBe('My pools on Meteora')
    expect(lines.filter((line) => line.includes('SOL-USDC')).map((line) => line.slice(0, 2).trim())).toEqual([
      '🔴',
      '🟠',
      '❔',
      '🟢',
    ])
    expect(watched()).toEqual([[WALLET, 'My pools']])
    expect((await type(WALLET)).split('\n')[0]).toBe('✅ Watched already.')
  })

  it('watches it also while its positions cannot be read, and says that nothing is known', async () => {
    world.desk.positions = { failed: 'HTTP 502' }
    const text = await type(WALLET)
    expect(text).toContain('could not read its positions now (HTTP 502). That says nothing about them.')
    expect(text).not.toContain('No open position')
    expect(watched()).toEqual([[WALLET, null]])
  })

  it.each([
    [EVM, 'an address of Monad'],
    [WALLET.slice(0, 40), 'base58 of 32 bytes'],
    ['Main', '“Main”'],
    [`${WALLET} ${'x'.repeat(33)}`, '32 characters'],
  ])('answers “%s” in one line with an example, and changes nothing', async (text, part) => {
    const lines = (await type(text)).split('\n')
    expect(lines).toEqual([expect.stringContaining(part), expect.stringMatching(/^Example: \/lp /)])
    expect(watched()).toEqual([])
  })

  it('lists the wallets, opens one and stops watching one, which can be taken back', async () => {
    expect(await type('')).toMatch(/^I watch no positions on Meteora here/)
    await type(`${WALLET} Main`)
    await type(BONK)
    const list = await world.type('lp')
    expect(list.body.text).toContain('2 of at most 10 wallets')
    expect(dataOf(list)).toEqual([`lpshow:${WALLET}`, `lprm:${WALLET}`, `lpshow:${BONK}`, `lprm:${BONK}`])
    expect((await world.press(`lpshow:${WALLET}`)).body.text).toBe(
      'Main on Meteora\nNo open position in a pool.',
    )
    const removed = await world.press(`lprm:${WALLET}`)
    expect(watched()).toEqual([[BONK, null]])
    await world.press(dataOf(removed)[0] ?? '')
    expect(watched()).toEqual([
      [BONK, null],
      [WALLET, null],
    ])
  })

  it('reads positions only of wallets that this chat watches, however old the button', async () => {
    for (const data of [`lpshow:${WALLET}`, `lppage:${WALLET}:0`, 'lppage:x:y'])
      expect((await world.press(data)).body.text).toMatch(/no longer watched here/)
    expect((await world.press(`lprm:${WALLET}`)).body.text).toMatch(/no longer watched here/)
  })

  it('has room for ten wallets', async () => {
    const signs = '123456789A'
    for (const sign of signs) await type(`${BONK.slice(0, 43)}${sign}`)
    expect(watched()).toHaveLength(10)
    expect(await type(WALLET)).toContain('watches 10 Solana wallets')
    expect(watched()).toHaveLength(10)
  })

  it('says that pools are off where only lending is looked at', async () => {
    world.desk.hasPools = false
    expect(await type(WALLET)).toMatch(/^Pools are switched off/)
    expect(watched()).toEqual([])
  })

  it('asks others for data, so it counts as a look; in groups only admins change what is watched', () => {
    const { changes, looks } = commandTable({} as CommandDeps)['lp'] ?? {}
    expect(looks).toBe(true)
    if (typeof changes !== 'function') throw new Error('it depends on the words')
    expect([changes(''), changes(' '), changes(WALLET)]).toEqual([false, false, true])
    const buttons = buttonTable({} as CommandDeps)
    for (const name of ['lprm', 'lpadd']) expect(buttons[name]).toMatchObject({ changes: true })
  })
})
