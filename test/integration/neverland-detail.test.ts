import { describe, expect, it } from 'vitest'
import { poolAbi } from '../../protocols/neverland/abi.ts'
import type { PositionDetail } from '../../src/domain/detail.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { changingReaderDouble } from './changing-reader.ts'
import { type Bench, neverlandOf, refIn, useBench } from './neverland-kit.ts'

const LOAN = {
  supply: [{ asset: 'WMON', amount: '1000' }],
  borrow: [{ asset: 'USDC', amount: '2000' }],
} as const

let chain: LocalChain
let bench: Bench

useBench((ready) => {
  chain = ready.chain
  bench = ready.bench
})

async function inspect(owner: string): Promise<PositionDetail> {
  const inspection = await bench.at((at) => neverlandOf(chain).inspect(refIn(chain, { owner }), at))
  if (inspection.kind !== 'ok') throw new Error(JSON.stringify(inspection))
  return inspection.detail
}

describe('the detail', () => {
  it('of a mere deposit that the pool counts one unit otherwise is not exact, rather than unknown', async () => {
    const owner = await chain.openPosition({ supply: LOAN.supply })
    const selector = poolAbi.getFunction('getUserAccountData')?.selector ?? ''
    const inspection = await bench.at((at) =>
      neverlandOf(chain).inspect(
        refIn(chain, { owner }),
        changingReaderDouble(at, {
          selector,
          change: ({ ok, data }) => {
            const [collateral = '0', ...rest] = data.slice(2).match(/.{64}/g) ?? []
            const more = (BigInt(`0x${collateral}`) + 1n).toString(16).padStart(64, '0')
            return { ok, data: `0x${[more, ...rest].join('')}` }
          },
        }),
      ),
    )
    expect(inspection).toMatchObject({ kind: 'ok', detail: { exact: false, health: { noDebt: true } } })
  })

  it('names the ratio of a collateral to a debt that is no stable, where both may move together', async () => {
    const owner = await chain.openPosition({
      supply: [{ asset: 'sMON', amount: '1000' }],
      borrow: [{ asset: 'WMON', amount: '300' }],
    })
    const { collateral, notes } = await inspect(owner)
    const [note] = notes.filter((text) => text.startsWith('1 sMON = '))
    expect(note).toMatch(/^1 sMON = [\d.]+ WMON now; liquidation at [\d.]+ WMON\.$/)
    expect(collateral[0]?.liquidationPrice).not.toBeNull()
    expect((await inspect(await chain.openPosition(LOAN))).notes).toEqual([])
  })
})
