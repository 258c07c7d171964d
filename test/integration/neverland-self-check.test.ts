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
          detail: 'does not answer as a PoolAddressesProvider; see BUOY_NEVERLAND_PROVIDERS',
        },
      ])
    },
  )

  it.each(['pool', 'oracle'] as const)('is red when the %s of a market does not answer', async (part) => {
    await chain.makeCallsRevert(chain.addresses.markets.isolated[part])
    const lines = red(await check(neverlandOf(chain)))
    expect(lines.map(({ what }) => what)).toEqual(['Neverland market Neverland Isolated'])
    await chain.restoreCode(chain.addresses.markets.isolated[part])
  })

  it('is red when the base currency is not a dollar of eight decimals', async () => {
    // Answers every call with 10^18, as a market counted in ether would say of its base unit.
    const { oracle } = chain.addresses.markets.main
    await chain.rpc.send('anvil_setCode', [oracle, '0x670de0b6b3a764000060005260206000f3'])
    const lines = red(await check(neverlandOf(chain)))
    expect(lines).toHaveLength(1)
    expect(lines[0]?.detail).toContain('8 decimals')
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
