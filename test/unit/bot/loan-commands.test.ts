import { describe, expect, it } from 'vitest'
import type { BotStore, StoredWallet } from '../../../db/bot-store.ts'
import type { PoolChoices } from '../../../db/pool-choices.ts'
import type { CommandDeps, CommandRequest } from '../../../src/bot/command.ts'
import { buttonTable, commandTable } from '../../../src/bot/command-table.ts'
import { freePlace } from '../../../src/bot/place.ts'
import type { Address } from '../../../src/domain/address.ts'
import type { Verified } from '../../../src/domain/alerting/state.ts'
import type { ProtocolCheck } from '../../../src/domain/check.ts'
import type { Inspected, InspectRequest } from '../../../src/domain/inspect.ts'
import { linesFor } from '../../../src/domain/thresholds.ts'
import type { View } from '../../../src/views/view.ts'
import { wad } from '../domain/alerting/series.ts'
import { ownerAt, refOf } from '../monitor/kit.ts'
import { aDetail, aWay } from '../views/detail-kit.ts'
import { aTransition, NOW_MS, reading, seen, unknown, verified } from '../views/kit.ts'

const WMON = refOf('morpho/WMON', ownerAt(1))
const WETH = refOf('morpho/WETH', ownerAt(1))
const DEPOSIT = refOf('euler/USDC', ownerAt(1))
const STRANGER = ownerAt(9)
const STRANGE = refOf('morpho/WBTC', STRANGER)

type Loan = readonly [ref: typeof WMON, last: Verified | null]

function walletOf(loans: readonly Loan[]): StoredWallet {
  return {
    watch: { id: 1, chat_id: 1, owner: ownerAt(1), label: 'Main', thread_id: null, created_at: 0 },
    positions: loans.map(([ref, last], index) => ({
      position: { id: 100 + index, ref },
      lines: { ...linesFor(wad('1.4')), source: 'wallet' },
      last,
      closed: false,
    })),
  }
}

interface World {
  readonly wallets?: readonly StoredWallet[]
  readonly live?: readonly ProtocolCheck[]
  readonly inspected?: Inspected
}

/** The commands over doubles of the store, the look and the inspection: they prove wiring, not protocols. */
function commandsOver({ wallets = [], live = [], inspected }: World) {
  const asked: InspectRequest[] = []
  const storeDouble: Pick<BotStore, 'wallets' | 'wallet' | 'alert'> = {
    wallets: () => Promise.resolve([...wallets]),
    wallet: (_, owner) => Promise.resolve(wallets.find(({ watch }) => watch.owner === owner)),
    alert: (_, rowId) =>
      Promise.resolve(rowId === 17 ? { positionId: 100, ref: WMON, transition: aTransition() } : undefined),
  }
  const deps: CommandDeps = {
    store: storeDouble as BotStore,
    check: ({ wallets: looked }) => Promise.resolve(looked.map(() => [...live])),
    inspect: (request) => {
      asked.push(request)
      const detail = aDetail({ ref: request.ref })
      return Promise.resolve(
        inspected ?? { kind: 'ok', detail, ways: request.targetWad === null ? [] : [aWay()] },
      )
    },
    parseAddress: (text) =>
      /^0x[0-9a-f]{40}$/.test(text) ? { ok: true, address: text as Address } : { ok: false, why: 'shape' },
    apps: { morpho: 'https://app.morpho.org' },
    protocols: ['neverland', 'morpho', 'curvance', 'euler'],
    now: () => NOW_MS,
    sweepMinutes: 5,
    cycleSeconds: 15,
    lastCycleMs: () => null,
    maxWallets: 10,
    drills: {
      start: () => Promise.resolve('running'),
      report: () => Promise.resolve(null),
      end: () => Promise.resolve(),
    },
    newCode: () => '',
    pairTries: { mayTry: () => false, wrong: () => undefined },
    say: () => Promise.resolve(),
    pools: null,
    poolChoices: {} as PoolChoices,
    poolFilters: { keep: () => '', find: () => undefined },
  }
  async function run(entry: 'commands' | 'buttons', typed: string): Promise<View> {
    const [, name = '', text = ''] = /^([^ :]*)[ :]?(.*)$/s.exec(typed) ?? []
    const table = entry === 'commands' ? commandTable(deps) : buttonTable(deps)
    const request: CommandRequest = {
      chatId: 1,
      threadId: null,
      userId: 5,
      stopped: false,
      chatWarningWad: wad('1.5'),
      text,
    }
    const answer = await table[name]?.command(request)
    if (!answer) throw new Error(`no such entry: ${name}`)
    return typeof answer === 'function' ? await answer() : answer
  }
  return {
    asked,
    type: (typed: string) => run('commands', typed),
    press: (data: string) => run('buttons', data),
  }
}

const ONE = [walletOf([[WMON, verified('1.36')]])]
const MANY = [
  walletOf([
    [WMON, verified('1.6')],
    [WETH, verified('1.1')],
    [DEPOSIT, verified('nodebt')],
  ]),
]

function dataOf(view: View): string[] {
  return view.buttons.flat().flatMap((button) => ('data' in button ? [button.data] : []))
}

function live(positions: ProtocolCheck['positions'], incomplete: string | null = null): ProtocolCheck[] {
  return [{ ...seen('morpho', incomplete), positions }]
}

describe('/position', () => {
  it('shows the one loan there is, without a word', async () => {
    const { type, asked } = commandsOver({ wallets: ONE })
    const shown = await type('position')
    expect(shown.body.text).toMatch(/^🟠 Main · Morpho WMON · health 1\.36/)
    expect(asked).toEqual([{ ref: WMON, targetWad: null }])
  })

  it('finds a loan by label, market or protocol', async () => {
    const { type, asked } = commandsOver({ wallets: MANY })
    for (const words of ['Main weth', 'WETH', 'euler', `${ownerAt(1)} wmon`]) await type(`position ${words}`)
    expect(asked.map(({ ref }) => ref)).toEqual([WETH, WETH, DEPOSIT, WMON])
  })

  it('asks which one with several, worst first, and a button opens it', async () => {
    const { type, press } = commandsOver({ wallets: MANY })
    const list = await type('position')
    expect(dataOf(list)).toEqual(['pos:1:101', 'pos:1:100', 'pos:1:102'])
    expect((await press('pos:1:101')).body.text).toContain('Main · Morpho WETH · ')
    expect((await press('rpos:1:101')).body.text).toContain('Main · Morpho WETH · ')
  })

  it('looks at an address that is not watched, and its buttons find that loan again', async () => {
    const world = { wallets: ONE, live: live([{ ref: STRANGE, reading: reading('1.2') }]) }
    const { type, press, asked } = commandsOver(world)
    const shown = await type(`position ${STRANGER} wbtc`)
    expect(shown.body.text).toMatch(/^🔵 0x0000…0009 · Morpho WBTC/)
    expect(dataOf(shown)).toEqual([
      `rpos:${freePlace(STRANGE)}`,
      `out:${freePlace(STRANGE)}`,
      `add:${STRANGER}`,
    ])
    await press(`rpos:${freePlace(STRANGE)}`)
    expect(asked).toEqual([
      { ref: STRANGE, targetWad: null },
      { ref: STRANGE, targetWad: null },
    ])
  })

  it('asks the chain before it says that there is nothing', async () => {
    const none = commandsOver({ wallets: [walletOf([])], live: live([]) })
    expect((await none.type('position')).body.text).toMatch(/^There is no loan or deposit to show\./)
    const blind = commandsOver({ wallets: [walletOf([])], live: live([], 'rpc.example: HTTP 502') })
    const text = (await blind.type('position Main')).body.text
    expect(text).toMatch(/^I see no loan here, but I could not look everywhere\./)
    const fresh = commandsOver({
      wallets: [walletOf([])],
      live: live([{ ref: WMON, reading: reading('1.2') }]),
    })
    expect((await fresh.type('position')).body.text).toContain('Main · Morpho WMON · health')
  })

  it('says why it cannot see a loan, and never that there is none', async () => {
    const { type } = commandsOver({ wallets: ONE, inspected: unknown('no answer within 20 s') })
    const text = (await type('position')).body.text
    expect(text).toContain('I cannot see it: no answer within 20 s')
    expect(text).toContain('health 1.36. It may be worse by now.')
    expect(text).not.toMatch(/no (such )?(loan|position)/)
  })

  it('of a chat without wallets says how to begin', async () => {
    expect((await commandsOver({}).type('position')).body.text).toContain('No wallet is watched')
  })

  it.each([
    'position 1.4',
    'position Nobody',
    'position aave',
    'rescue 0.5',
    'rescue 1.2 1.3',
    'repay Nobody',
  ])('answers words it cannot use in one line with an example: %s', async (typed) => {
    const { text } = (await commandsOver({ wallets: ONE }).type(typed)).body
    expect(text.split('\n')).toEqual([expect.any(String), expect.stringMatching(/^Example: \//)])
  })
})

describe('/rescue', () => {
  it('goes to the warning line of the loan, and says so', async () => {
    const { type, asked } = commandsOver({ wallets: ONE })
    const shown = await type('rescue')
    expect(asked).toEqual([{ ref: WMON, targetWad: wad('1.4') }])
    expect(shown.body.text).toContain('To health 1.40, your warning line (set for this wallet)')
    expect((await type('repay')).body.text).toBe(shown.body.text)
  })

  it('goes to the number that was typed, and stays there when it is read again', async () => {
    const { type, press, asked } = commandsOver({ wallets: ONE })
    const [refresh = ''] = dataOf(await type('rescue Main 1.55'))
    expect(refresh).toBe('rout:1:100:1.55')
    await press(refresh)
    expect(asked.map(({ targetWad }) => targetWad)).toEqual([wad('1.55'), wad('1.55')])
  })

  it('goes to the line of the chat for a loan that is not watched', async () => {
    const { type, asked } = commandsOver({ live: live([{ ref: STRANGE, reading: reading('1.2') }]) })
    const shown = await type(`rescue ${STRANGER}`)
    expect(asked).toEqual([{ ref: STRANGE, targetWad: wad('1.5') }])
    expect(shown.body.text).toContain('To health 1.50, your warning line (the default here)')
  })

  it('means loans and not deposits, as long as there are any', async () => {
    const wallets = [
      walletOf([
        [WMON, verified('1.2')],
        [DEPOSIT, verified('nodebt')],
      ]),
    ]
    const { type, asked } = commandsOver({ wallets })
    await type('rescue')
    expect(asked.map(({ ref }) => ref)).toEqual([WMON])
    expect(dataOf(await commandsOver({ wallets: MANY }).type('rescue'))).toEqual(['out:1:101', 'out:1:100'])
  })

  it('says why it cannot see a loan', async () => {
    const { type } = commandsOver({ wallets: ONE, inspected: unknown('HTTP 502') })
    expect((await type('rescue')).body.text).toContain('I cannot see it: HTTP 502')
  })

  it('under an alert leads clear of the line as it is now', async () => {
    const { press, asked } = commandsOver({ wallets: ONE })
    expect((await press('ways:17')).body.text).toContain('To health 1.44, where its alert ends')
    expect(asked).toEqual([{ ref: WMON, targetWad: wad('1.44') }])
    // No longer watched: the line that rang.
    const gone = commandsOver({})
    await gone.press('ways:17')
    expect(gone.asked).toEqual([{ ref: WMON, targetWad: wad('1.55') }])
  })
})

describe('forged or old buttons about a loan', () => {
  it.each([
    'pos:1:999',
    'pos:2:100',
    'pos:',
    'rpos:x',
    'out:1:100:99',
    'out:1:100:1',
    'rout:__proto__:1',
    'ways:18',
    'ways:x',
    `pos:${freePlace(STRANGE)}`,
  ])('show nothing: %s', async (data) => {
    const { press, asked } = commandsOver({ wallets: ONE })
    expect((await press(data)).body.text).toMatch(/^I cannot find the loan of this button now\./)
    expect(asked).toEqual([])
  })
})

describe('what the commands about one loan take', () => {
  it('is a look of the person who asks, typed or tapped, and no right to change anything', () => {
    const deps = { protocols: [] } as unknown as CommandDeps
    const commands = commandTable(deps)
    const buttons = buttonTable(deps)
    for (const entry of [commands['position'], commands['rescue'], commands['repay']]) {
      expect(entry).toMatchObject({ looks: true })
      expect(entry?.changes).toBeUndefined()
    }
    for (const name of ['pos', 'rpos', 'out', 'rout', 'ways']) {
      expect(buttons[name], name).toMatchObject({ looks: true })
    }
  })
})
