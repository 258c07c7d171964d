import type { PoolChoices, PoolWishes, WatchedLp } from '../../../db/pool-choices.ts'
import type { ListedToken } from '../../../db/pool-rules.ts'
import type { CommandDeps, CommandRequest, Reply } from '../../../src/bot/command.ts'
import { buttonTable, commandTable } from '../../../src/bot/command-table.ts'
import { createPoolFilters } from '../../../src/bot/pool-filters.ts'
import { parseAddress } from '../../../src/chain/address.ts'
import type { BestPools, FoundToken, PoolDesk } from '../../../src/domain/pools/desk.ts'
import type { LpPositions } from '../../../src/domain/pools/position.ts'
import { PRESET_RULES } from '../../../src/domain/pools/rules.ts'
import { wad } from '../domain/alerting/series.ts'

export const SOL = 'So11111111111111111111111111111111111111112'
export const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
export const BONK = 'DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB263MxjxNZ4k'
export const EVM = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
export const WALLET = '7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU'

/** What the desk answers, and what it was asked. */
export interface DeskDouble {
  best: BestPools
  found: readonly FoundToken[]
  chart: Buffer | null
  positions: LpPositions | { readonly failed: string }
  hasPools: boolean
  readonly asked: { chatId: number; tokens?: readonly string[] }[]
  readonly charts: string[]
}

/** Doubles of the desk and of the store that remember: they prove words and buttons, not what is stored. */
export function poolWorld() {
  const desk: DeskDouble = {
    best: { rows: [], count: 0, ageMs: 60_000, suspect: null },
    found: [],
    chart: null,
    positions: { positions: [], gaps: null },
    hasPools: true,
    asked: [],
    charts: [],
  }
  let wishes: PoolWishes = { enabled: false, preset: 'balanced', rules: PRESET_RULES.balanced }
  let tokens: ListedToken[] = []
  let wallets: WatchedLp[] = []
  const pools: PoolDesk = {
    get hasPools() {
      return desk.hasPools
    },
    best: (chatId, asked = {}) => {
      desk.asked.push({ chatId, ...asked })
      return Promise.resolve(desk.best)
    },
    findTokens: (text) =>
      Promise.resolve(
        desk.found.filter(
          ({ address, symbol }) => address === text || symbol.toLowerCase() === text.toLowerCase(),
        ),
      ),
    chartOf: (key) => {
      desk.charts.push(key)
      return Promise.resolve(desk.chart)
    },
    positions: () => Promise.resolve(desk.positions),
    rotations: () => Promise.resolve([]),
    stats: () => Promise.resolve({ ageMs: null, opportunities: 0, suspect: [], paused: false }),
    pause: () => Promise.resolve(),
  }
  const poolChoices: PoolChoices = {
    most: { tokens: 50, wallets: 10 },
    wishes: () => Promise.resolve(wishes),
    change: (_, change) => {
      wishes = change(wishes)
      return Promise.resolve(wishes)
    },
    tokens: () => Promise.resolve(tokens),
    addTokens: (_, added) => {
      const fresh = added.filter(({ address }) => !tokens.some((token) => token.address === address))
      if (tokens.length + fresh.length > 50) return Promise.resolve('full')
      tokens = [...tokens, ...fresh]
      return Promise.resolve({ added: fresh.length })
    },
    removeToken: (_, address) => {
      tokens = tokens.filter((token) => token.address !== address)
      return Promise.resolve(true)
    },
    clearTokens: () => {
      const { length } = tokens
      tokens = []
      return Promise.resolve(length)
    },
    wallets: () => Promise.resolve(wallets),
    watch: ({ wallet, label }) => {
      if (wallets.some((one) => one.wallet === wallet)) return Promise.resolve('known')
      if (wallets.length >= 10) return Promise.resolve('full')
      wallets = [...wallets, { wallet, label, ranges: [] }]
      return Promise.resolve('added')
    },
    unwatch: (_, wallet) => {
      const { length } = wallets
      wallets = wallets.filter((one) => one.wallet !== wallet)
      return Promise.resolve(wallets.length < length)
    },
  }
  const deps = { pools, poolChoices, poolFilters: createPoolFilters(), parseAddress, protocols: [] }

  async function run(
    table: typeof commandTable | typeof buttonTable,
    { typed, over = {} }: { typed: string; over?: { pools?: null; stopped?: boolean } },
  ): Promise<Reply> {
    const given = { ...deps, ...('pools' in over && { pools: null }) } as unknown as CommandDeps
    const [, name = '', text = ''] = /^([^ :]*)[ :]?(.*)$/s.exec(typed) ?? []
    const request: CommandRequest = {
      chatId: 1,
      threadId: null,
      userId: 5,
      stopped: over.stopped ?? false,
      chatWarningWad: wad('1.5'),
      text,
    }
    const answer = await table(given)[name]?.command(request)
    if (!answer) throw new Error(`no such entry: ${name}`)
    return typeof answer === 'function' ? await answer() : answer
  }

  return {
    desk,
    stored: () => ({ wishes, tokens, wallets }),
    type: (typed: string, over?: { pools?: null; stopped?: boolean }) =>
      run(commandTable, { typed, ...(over && { over }) }),
    press: (typed: string, over?: { pools?: null }) => run(buttonTable, { typed, ...(over && { over }) }),
  }
}

/** The data of all buttons. */
export function dataOf({ buttons }: Reply): string[] {
  return buttons.flat().flatMap((button) => ('data' in button ? [button.data] : []))
}
