import { describe, expect, it } from 'vitest'
import type { CheckLine, LendingStrategy } from '../../protocols/strategy.ts'
import type { Address } from '../../src/domain/address.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { type Bench, lower, neverlandOf, useBench } from './neverland-kit.ts'

const NOBODY: Address = '0x000000000000000000000000000000000000dead'

let chain: LocalChain
let bench: Bench

useBench((ready) => {
  chain = ready.chain
  bench = ready.bench
})

async function check(strategy: LendingStrategy): Promise<CheckLine[]> {
  return await bench.at((at) => strategy.selfCheck(at))
}

const red = (lines: readonly CheckLine[]): CheckLine[] => lines.filter(({ ok }) => !ok)

describe('the self-check', () => {
  it('is green throughout on a chain where everything is in place, and names each market', async () => {
    const lines = await check(neverlandOf(chain))
    expect(red(lines)).toEqual([])
    const said = lines.map(({ what, detail }) => `${what}: ${detail}`).join('\n')
    for (const name of ['Neverland Main', 'Neverland Isolated', 'registry', '2 markets', 'revision 1']) {
      expect(said).toContain(name)
    }
    for (const { pool } of Object.values(chain.addresses.markets)) expect(said).toContain(lower(pool))
  })

  it('is red for a provider without code, with the setting to change', async () => {
    const lines = red(await check(neverlandOf(chain, { providers: [NOBODY] })))
    expect(lines.length).toBeGreaterThan(0)
    for (const { what, detail } of lines) {
      expect(what).toContain(NOBODY)
      expect(detail).toContain('BUOY_NEVERLAND_PROVIDERS')
    }
    expect(lines.map(({ detail }) => detail)).toContainEqual(expect.stringContaining('no contract'))
  })

  it('is red for a registry without code, with the setting to change', async () => {
    const lines = red(await check(neverlandOf(chain, { registry: NOBODY })))
    expect(lines.length).toBeGreaterThan(0)
    for (const { detail } of lines) expect(detail).toContain('BUOY_NEVERLAND_REGISTRY')
  })

  it.each(['token', 'pool', 'oracle'] as const)(
    'is red for a %s where a provider should be',
    async (part) => {
      const { main } = chain.addresses.markets
      const address = part === 'token' ? (main.reserves['WMON']?.token ?? '') : main[part]
      const lines = red(await check(neverlandOf(chain, { providers: [lower(address)] })))
      expect(lines).toEqual([
        {
          ok: false,
          what: `Neverland market ${lower(address)}`,
          detail:
            'does not answer as a PoolAddressesProvider whose oracle tells its base unit; see BUOY_NEVERLAND_PROVIDERS',
        },
      ])
    },
  )

  it.each(['pool', 'oracle'] as const)('is red when the %s of a market does not answer', async (part) => {
    await chain.makeCallsRevert(chain.addresses.markets.isolated[part])
    const lines = red(await check(neverlandOf(chain)))
    const name = part === 'pool' ? 'Neverland Isolated' : lower(chain.addresses.markets.isolated.provider)
    expect(lines.map(({ what }) => what)).toEqual([`Neverland market ${name}`])
    expect(lines[0]?.detail).toContain('; see BUOY_NEVERLAND_PROVIDERS')
    await chain.restoreCode(chain.addresses.markets.isolated[part])
  })

  it('says of a market from the registry that does not answer where it comes from, not a setting without it', async () => {
    const { main, isolated } = chain.addresses.markets
    const strategy = neverlandOf(chain, { providers: [lower(main.provider)] })
    await check(strategy)
    await chain.makeCallsRevert(isolated.pool)
    const [line] = red(await check(strategy))
    expect(line?.detail).toContain('BUOY_NEVERLAND_REGISTRY')
    expect(line?.detail).not.toContain('BUOY_NEVERLAND_PROVIDERS')
    await chain.restoreCode(isolated.pool)
  })

  it('is red when the oracle of a known market tells its unit no more', async () => {
    const strategy = neverlandOf(chain)
    await check(strategy)
    await chain.makeCallsRevert(chain.addresses.markets.isolated.oracle)
    expect(red(await check(strategy))).toEqual([
      {
        ok: false,
        what: 'Neverland market Neverland Isolated',
        detail: 'its oracle does not tell its base unit as before; see BUOY_NEVERLAND_PROVIDERS',
      },
    ])
    await chain.restoreCode(chain.addresses.markets.isolated.oracle)
  })

  it('says of a market whose base currency is no dollar of eight decimals that it counts in something else', async () => {
    // Answers every call with 10^18, as a market counted in ether would say of its base unit.
    const { oracle } = chain.addresses.markets.main
    await chain.rpc.send('anvil_setCode', [oracle, '0x670de0b6b3a764000060005260206000f3'])
    const lines = await check(neverlandOf(chain))
    expect(red(lines)).toEqual([])
    expect(lines.filter(({ detail }) => detail.includes('not in dollars'))).toMatchObject([
      { what: 'Neverland market Neverland Main', detail: expect.stringContaining('18 decimals') as string },
    ])
  })

  it('never throws for whatever the contracts answer', async () => {
    const { registry, markets } = chain.addresses
    const { provider, pool, oracle } = markets.main
    const silentCodes = ['0x', '0x60006000fd', '0xfe']
    const zeroCodes = ['0x60206000f3', '0x61ffff6000f3']
    for (const code of [...silentCodes, ...zeroCodes]) {
      // Zeros are what a registry without any market says: true or not, the configured ones are still checked.
      const addresses = zeroCodes.includes(code)
        ? [provider, pool, oracle]
        : [provider, pool, oracle, registry]
      for (const address of addresses) {
        const before = await chain.snapshot()
        await chain.rpc.send('anvil_setCode', [address, code])
        expect(red(await check(neverlandOf(chain))).length).toBeGreaterThan(0)
        await chain.revert(before)
      }
    }
  })

  it('names what it depends on and where each address is configured', () => {
    const { contracts } = neverlandOf(chain)
    expect(contracts.map(({ address }) => address)).toEqual([
      lower(chain.addresses.registry),
      lower(chain.addresses.markets.main.provider),
      lower(chain.addresses.markets.isolated.provider),
    ])
    for (const { configuredBy } of contracts) expect(configuredBy).toMatch(/^BUOY_NEVERLAND_/)
  })
})
