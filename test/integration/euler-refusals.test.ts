import { AbiCoder } from 'ethers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PositionRef, Reading } from '../../src/domain/position.ts'
import { createEulerDoubles, type EulerDoubles, type VaultAddresses } from '../chain/euler/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { eulerOf, eulerRef } from './euler-kit.ts'
import { type Bench, createBench } from './neverland-kit.ts'

let chain: LocalChain
let euler: EulerDoubles
let wmon: VaultAddresses
let usdc: VaultAddresses
let wbtc: VaultAddresses
let bench: Bench
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
  euler = await createEulerDoubles(chain)
  wmon = euler.vaults['eWMON-1']
  usdc = euler.vaults['eUSDC-1']
  wbtc = euler.vaults['eWBTC-1']
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  bench = await createBench(chain)
})
afterEach(async () => {
  await bench.stop()
  await chain.revert(snapshot)
})

function readAll(refs: readonly PositionRef[]): Promise<Reading[]> {
  return bench.at((at) => eulerOf({ chain, euler }).read(refs, at))
}

async function read(ref: PositionRef): Promise<Reading | undefined> {
  return (await readAll([ref]))[0]
}

/** 1000 WMON at $4 with 85 %, and 2000 USDC owed: health 1.7. */
async function plainLoan(accountId = 0): Promise<PositionRef> {
  const owner = await euler.openLoan({
    accountId,
    controller: usdc,
    collateral: [{ vault: wmon, amount: '1000' }],
    debt: '2000',
  })
  return eulerRef({ owner, accountId, controller: usdc })
}

describe('a vault that refuses', () => {
  const coder = AbiCoder.defaultAbiCoder()
  const old = `0xa6e68d63${coder.encode(['uint256', 'uint256'], [1234, 900]).slice(2)}`
  const unsupported = `0x4ca22af0${coder.encode(['uint256', 'uint256'], [1, 2]).slice(2)}`
  const cases = [
    { because: 'an old price', failure: { data: old }, reason: 'oracle', words: /is 1234 s old/ },
    {
      because: 'no trusted price',
      failure: { data: '0xd743df6a' },
      reason: 'oracle',
      words: /no price that it trusts/,
    },
    {
      because: 'no price for a token',
      failure: { data: unsupported },
      reason: 'oracle',
      words: /no price for one of the tokens/,
    },
    { because: 'an overflow', failure: { data: '0x52a1f2a0' }, reason: 'oracle', words: /cannot express/ },
    { because: 'no oracle', failure: { data: '0x5b923371' }, reason: 'oracle', words: /no price oracle/ },
    { because: 'no word at all', failure: 'silently', reason: 'oracle', words: /without a reason/ },
    {
      because: 'an empty error',
      failure: { data: '0x2082e200' },
      reason: 'oracle',
      words: /without a reason/,
    },
    {
      because: 'a locked vault',
      failure: { data: '0x74f36063' },
      reason: 'decode',
      words: /middle of another call/,
    },
    {
      because: 'an error nobody knows',
      failure: { data: '0xdeadbeef' },
      reason: 'decode',
      words: /not known \(0xdeadbeef\)/,
    },
  ] as const
  it.each(cases)(
    'because of $because is told as that, and never as a number or as no loan',
    async (refusal) => {
      const ref = await plainLoan()
      await euler.failOracle(refusal.failure)
      const reading = await read(ref)
      expect(reading).toMatchObject({ kind: 'unknown', reason: refusal.reason })
      expect(reading?.kind === 'unknown' && reading.detail).toMatch(refusal.words)
      const inspection = await bench.at((at) => eulerOf({ chain, euler }).inspect(ref, at))
      expect(inspection).toEqual(reading)
    },
  )

  it('because an account has two lenders in the middle of a transaction is unknown', async () => {
    const ref = await plainLoan()
    await euler.setController({ owner: ref.owner, accountId: 0, vault: wbtc, on: true })
    expect(await read(ref)).toMatchObject({
      kind: 'unknown',
      reason: 'decode',
      detail: expect.stringMatching(/two lenders/) as string,
    })
  })

  it('while the vault connector says that it lends is unknown, not the end of the loan', async () => {
    const ref = await plainLoan()
    // A double: a vault that denies the account.
    const [reading] = await bench.at((at) =>
      eulerOf({ chain, euler }).read([ref], {
        ...at,
        call: async (calls) => {
          const results = await at.call(calls)
          const denied = { ok: false, data: '0x6d588708' }
          return results.map((result, index) =>
            calls[index]?.data.startsWith('0xa824bf67') ? denied : result,
          )
        },
      }),
    )
    expect(reading).toMatchObject({ kind: 'unknown', detail: expect.stringMatching(/disagree/) as string })
  })

  it('does not hide the loans beside it', async () => {
    const oracle = await euler.createDouble('PriceOracleDouble')
    const controller = await euler.createVault({ symbol: 'eUSDC-2', asset: 'USDC', oracle })
    const owner = await euler.openLoan({ controller, collateral: [{ vault: wmon, amount: '1' }], debt: '1' })
    const fine = await plainLoan()
    await euler.write([{ to: oracle, double: 'PriceOracleDouble', call: ['setMode', 2, '0x'] }])
    const readings = await readAll([eulerRef({ owner, controller }), fine])
    expect(readings.map(({ kind }) => kind)).toEqual(['unknown', 'ok'])
  })
})
