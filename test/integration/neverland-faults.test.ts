import { AbiCoder } from 'ethers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeAccount } from '../../protocols/neverland/read.ts'
import type { PositionRef, Reading } from '../../src/domain/position.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy } from '../chain/rpc-proxy.ts'
import { reasonOf, rpcFor } from './chain-kit.ts'
import { type Bench, neverlandOf, refIn, useBench } from './neverland-kit.ts'

const MAX = 2n ** 256n - 1n
const WAD = 10n ** 18n
const LOAN = {
  supply: [{ asset: 'WMON', amount: '1000' }],
  borrow: [{ asset: 'USDC', amount: '2000' }],
} as const
const USD = { unit: 'USD', decimals: 8 } as const
const AT = { block: { number: 1, timestamp: 1, hash: '0x', parentHash: '0x' }, endpoint: 'rpc.example' }

let chain: LocalChain
let bench: Bench

useBench((ready) => {
  chain = ready.chain
  bench = ready.bench
})

async function read(refs: readonly PositionRef[]): Promise<Reading[]> {
  return await bench.at((at) => neverlandOf(chain).read(refs, at))
}

describe('a market that cannot be read', () => {
  async function inBothMarkets(): Promise<PositionRef[]> {
    const owner = await chain.openPosition(LOAN)
    await chain.openPosition({
      market: 'isolated',
      owner,
      supply: [{ asset: 'PT-AUSD', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '100' }],
    })
    return [refIn(chain, { owner }), refIn(chain, { owner, market: 'isolated' })]
  }

  it('because an oracle fails names the token, and only accounts of that market with it are unknown', async () => {
    const refs = await inBothMarkets()
    const without = await chain.openPosition({
      supply: [{ asset: 'WBTC', amount: '1' }],
      borrow: [{ asset: 'USDC', amount: '100' }],
    })
    await chain.failOracle({ asset: 'WMON', market: 'main', failing: true })
    const [failing, isolated, other] = await read([...refs, refIn(chain, { owner: without })])
    expect(failing).toEqual({
      kind: 'unknown',
      reason: 'oracle',
      detail: 'price oracle of WMON does not answer',
    })
    expect(isolated?.kind).toBe('ok')
    expect(other?.kind).toBe('ok')
    await chain.failOracle({ asset: 'WMON', market: 'main', failing: false })
    expect((await read(refs)).map(({ kind }) => kind)).toEqual(['ok', 'ok'])
  })

  it('because a token that both markets list fails in one of them leaves the other one alone', async () => {
    const refs = await inBothMarkets()
    await chain.failOracle({ asset: 'USDC', market: 'isolated', failing: true })
    const [main, isolated] = await read(refs)
    expect(main?.kind).toBe('ok')
    expect(isolated).toMatchObject({ kind: 'unknown', reason: 'oracle' })
    expect(isolated?.kind === 'unknown' && isolated.detail).toContain('USDC')
  })

  it('because two oracles fail names both', async () => {
    const [ref] = await inBothMarkets()
    for (const asset of ['WMON', 'sMON']) await chain.failOracle({ asset, market: 'main', failing: true })
    const [reading] = ref ? await read([ref]) : []
    expect(reading).toMatchObject({ kind: 'unknown', reason: 'oracle' })
    expect(reading?.kind === 'unknown' && reading.detail).toMatch(/WMON.*sMON/)
  })

  it('because its pool refuses is unknown for another reason than its oracle', async () => {
    const refs = await inBothMarkets()
    await chain.makeCallsRevert(chain.addresses.markets.main.pool)
    const [main, isolated] = await read(refs)
    expect(main).toMatchObject({ kind: 'unknown', reason: 'decode' })
    expect(isolated?.kind).toBe('ok')
    await chain.restoreCode(chain.addresses.markets.main.pool)
  })

  it('because its code is gone is unknown, never "no position"', async () => {
    const refs = await inBothMarkets()
    const stranger = refIn(chain, { owner: chain.newOwner() })
    await chain.rpc.send('anvil_setCode', [chain.addresses.markets.main.pool, '0x'])
    const [main, isolated, nobody] = await read([...refs, stranger])
    expect(main).toMatchObject({ kind: 'unknown', reason: 'decode' })
    expect(nobody).toMatchObject({ kind: 'unknown', reason: 'decode' })
    expect(isolated?.kind).toBe('ok')
  })

  it('because the endpoint fails is the matter of the caller: the work fails as a whole', async () => {
    const refs = await inBothMarkets()
    const proxy = await createRpcProxy({ target: chain.url })
    await proxy.set({ kind: 'empty' })
    const rpc = rpcFor({ urls: [proxy.url], chain, now: bench.clock.now })
    const strategy = neverlandOf(chain)
    const reason = await reasonOf(rpc.pinned({ priority: 'cycle' }, (at) => strategy.read(refs, at)))
    expect(reason).toContain(new URL(proxy.url).host)
    await rpc.stop()
    await proxy.stop()
  })
})

describe('decoding an account', () => {
  const coder = AbiCoder.defaultAbiCoder()
  const encode = (words: readonly bigint[]) =>
    coder.encode(
      words.map(() => 'uint256'),
      words,
    )
  const account = ({ collateral, debt, health }: Record<'collateral' | 'debt' | 'health', bigint>) =>
    decodeAccount({ ok: true, data: encode([collateral, debt, 0n, 0n, 0n, health]) }, { at: AT, base: USD })
  const uint256 = fc.oneof(fc.bigInt({ min: 0n, max: MAX }), fc.constantFrom(0n, 1n, WAD - 1n, WAD, MAX))

  it('is unknown for bytes of every other length, without an exception and without a number', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        fc.pre(bytes.length !== 192)
        const data = `0x${Buffer.from(bytes).toString('hex')}`
        const reading = decodeAccount({ ok: true, data }, { at: AT, base: USD })
        expect(reading).toEqual({ kind: 'unknown', reason: 'decode', detail: expect.any(String) as string })
      }),
    )
  })

  it('is unknown for an answer that was cut off or has something behind it', () => {
    fc.assert(
      fc.property(fc.array(uint256, { minLength: 6, maxLength: 6 }), fc.nat(385), (words, cut) => {
        const whole = encode(words)
        for (const data of [whole.slice(0, cut), `${whole}00`, `${whole}${'0'.repeat(64)}`]) {
          expect(decodeAccount({ ok: true, data }, { at: AT, base: USD }).kind).toBe('unknown')
        }
      }),
    )
  })

  it('is unknown for text that is no hex', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (data) => {
        fc.pre(!/^0x[0-9a-f]{384}$/i.test(data))
        expect(decodeAccount({ ok: true, data }, { at: AT, base: USD }).kind).toBe('unknown')
      }),
    )
  })

  it('takes every consistent account as it is, and refuses one that contradicts itself', () => {
    fc.assert(
      fc.property(fc.record({ collateral: uint256, debt: uint256, health: uint256 }), (given) => {
        const { collateral, debt, health } = given
        const reading = account(given)
        const consistent = (debt === 0n) === (health === MAX)
        if (!consistent) expect(reading).toMatchObject({ kind: 'unknown', reason: 'decode' })
        else if (debt > 0n) {
          expect(reading).toMatchObject({
            kind: 'ok',
            health: { noDebt: false, healthWad: health, liquidatable: health < WAD },
            collateral: { amount: collateral },
            debt: { amount: debt },
          })
        } else if (collateral > 0n) expect(reading).toMatchObject({ kind: 'ok', health: { noDebt: true } })
        else expect(reading.kind).toBe('none')
      }),
    )
  })

  it('calls a debt without collateral liquidatable, and a health of 1 not', () => {
    expect(account({ collateral: 0n, debt: 5n, health: 0n })).toMatchObject({
      kind: 'ok',
      health: { noDebt: false, healthWad: 0n, liquidatable: true },
    })
    expect(account({ collateral: 1n, debt: 1n, health: WAD })).toMatchObject({
      health: { liquidatable: false },
    })
    expect(account({ collateral: 1n, debt: 1n, health: WAD - 1n })).toMatchObject({
      health: { liquidatable: true },
    })
  })

  it('never takes all zeros for a loan or for none', () => {
    expect(account({ collateral: 0n, debt: 0n, health: 0n })).toMatchObject({ kind: 'unknown' })
  })
})
