import { describe, expect, it } from 'vitest'
import { accountOf, type EulerDoubles, type VaultAddresses } from '../chain/euler/doubles.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import type { FakeEulerSubgraph, SubgraphFault } from '../fakes/euler-subgraph/server.ts'
import { keysOf, useEulerDiscovery } from './euler-discovery-kit.ts'
import { eulerRef } from './euler-kit.ts'
import { lower } from './neverland-kit.ts'
import { createRandom } from './random.ts'

let chain: LocalChain
let euler: EulerDoubles
let usdc: VaultAddresses
let wmon: VaultAddresses
let subgraph: FakeEulerSubgraph

const { open, discover, crowd } = useEulerDiscovery((bed) => {
  chain = bed.chain
  euler = bed.euler
  usdc = bed.usdc
  wmon = bed.wmon
  subgraph = bed.subgraph
})

describe('discovery of Euler loans', () => {
  it('finds the loans of accounts 0, 7 and 255 of one owner on the chain alone, and proves that these are all', async () => {
    const owner = chain.newOwner()
    for (const accountId of [0, 7, 255]) {
      await euler.openLoan({
        owner,
        accountId,
        controller: usdc,
        collateral: [{ vault: wmon, amount: '10' }],
        debt: '10',
      })
    }
    const { found, accountsAsked } = await discover([owner], { url: null })
    expect(found).toEqual([
      {
        kind: 'complete',
        refs: [0, 7, 255].map((accountId) => eulerRef({ owner, accountId, controller: usdc })),
      },
    ])
    expect(accountsAsked).toBe(256)
  })

  it('finds exactly the accounts that borrow, whatever their ids', async () => {
    const random = createRandom(20_265)
    const owners = [chain.newOwner(), chain.newOwner(), chain.newOwner()]
    const expected: string[][] = []
    for (const owner of owners) {
      const ids = [...new Set(Array.from({ length: 6 }, () => Number(random.bigint(0n, 255n))))]
      for (const accountId of ids) {
        const collateral = [{ vault: wmon, amount: '10' }]
        await euler.openLoan({ owner, accountId, controller: usdc, collateral, debt: '10' })
      }
      expected.push(ids.map((accountId) => eulerRef({ owner, accountId, controller: usdc }).key).sort())
    }
    const { found } = await discover(owners, { url: null })
    expect(found.map(({ kind }) => kind)).toEqual(['complete', 'complete', 'complete'])
    expect(found.map((one) => keysOf(one).sort())).toEqual(expected)
  })

  it('needs no search for somebody who never used Euler', async () => {
    const { found, accountsAsked } = await discover([chain.newOwner()], { url: null })
    expect(found).toEqual([{ kind: 'complete', refs: [] }])
    expect(accountsAsked).toBe(0)
    expect(subgraph.asked).toEqual([])
  })

  it('asks the subgraph about many owners by prefix, and the chain about the accounts it names and a sample', async () => {
    const borrower = await open(61)
    const others = await crowd(9)
    const { found, accountsAsked } = await discover([borrower, ...others])
    expect(found.every(({ kind }) => kind === 'complete')).toBe(true)
    expect(keysOf(found[0])).toEqual([eulerRef({ owner: borrower, accountId: 61, controller: usdc }).key])
    expect(subgraph.asked).toHaveLength(1)
    expect(subgraph.asked[0]).toContain(lower(borrower).slice(0, 40))
    expect(subgraph.asked[0]?.every((prefix) => /^0x[0-9a-f]{38}$/.test(prefix))).toBe(true)
    // All accounts of one, the owner's own of the others, and the one that was named.
    expect(accountsAsked).toBeLessThanOrEqual(256 + 10)
  })

  it('asks about at most 100 prefixes at a time', async () => {
    const owners = await crowd(230)
    await discover(owners)
    expect(subgraph.asked.map(({ length }) => length)).toEqual([100, 100, 30])
  })

  it('looks at all accounts of few owners whatever the subgraph says, and of all owners when it missed a loan', async () => {
    const hidden = await open(9, { listed: false })
    expect(keysOf((await discover([hidden])).found[0])).toHaveLength(1)

    // Whichever place the sample falls on, everybody there has a loan that is not listed.
    const owners = [hidden]
    for (let index = 0; index < 9; index += 1) owners.push(await open(index, { listed: false }))
    const { found, accountsAsked } = await discover(owners)
    expect(found.map((one) => [one.kind, one.refs.length])).toEqual(owners.map(() => ['complete', 1]))
    expect(accountsAsked).toBeGreaterThanOrEqual(10 * 256)
  })

  it('does not believe the subgraph that there is a loan', async () => {
    const owners = await crowd(5)
    for (const owner of owners) subgraph.add({ account: accountOf(owner, 4), vault: usdc.vault })
    const { found } = await discover(owners)
    expect(found.every(({ kind, refs }) => kind === 'complete' && refs.length === 0)).toBe(true)
  })

  it.each<SubgraphFault>(['html', 'status-500', 'errors', 'null'])(
    'searches everywhere on the chain when the subgraph answers with %s',
    async (fault) => {
      const loans = [await open(1), await open(2, { listed: false })]
      subgraph.fault = fault
      const { found, accountsAsked } = await discover([...loans, ...(await crowd(3))])
      expect(found.map((one) => [one.kind, one.refs.length])).toEqual(
        [1, 1, 0, 0, 0].map((count) => ['complete', count]),
      )
      expect(accountsAsked).toBe(5 * 256)
    },
  )

  it('searches for at most 40 owners at a time, begins somewhere else later, and tells the others why', async () => {
    const owners = await crowd(45)
    subgraph.fault = 'errors'
    const first = await discover(owners)
    expect(first.accountsAsked).toBe(40 * 256 + 5)
    const partial = first.found.filter(({ kind }) => kind === 'partial')
    expect(partial).toHaveLength(5)
    for (const discovery of partial) {
      expect(discovery).toEqual({
        kind: 'partial',
        refs: [],
        reason: "Euler's subgraph: it refused the query; not all 256 accounts were looked at",
      })
    }
    await chain.mine(7)
    const second = await discover(owners)
    const never = owners.filter((_, at) =>
      [first, second].every(({ found }) => found[at]?.kind === 'partial'),
    )
    expect(never).toEqual([])
  })

  it.each<[string, () => void]>([
    [
      'has errors',
      () => {
        subgraph.hasIndexingErrors = true
      },
    ],
    [
      'has a row that cannot be',
      () => {
        for (const row of subgraph.rows.values()) row.borrows.push('0x1234')
      },
    ],
    [
      'is far behind',
      () => {
        subgraph.blockNumber = 0
      },
    ],
  ])('is not satisfied with a subgraph that %s', async (_, spoil) => {
    const owners = [await open(5), ...(await crowd(4))]
    spoil()
    const { found, accountsAsked } = await discover(owners, { blocksAhead: 5_000 })
    expect(found.map((one) => [one.kind, one.refs.length])).toEqual(
      [1, 0, 0, 0, 0].map((count) => ['complete', count]),
    )
    expect(accountsAsked).toBe(5 * 256)
  })

  it('does not list an account with collateral and no lender', async () => {
    const owner = chain.newOwner()
    await euler.write([
      {
        to: euler.evc,
        double: 'EvcDouble',
        call: ['setCollateral', owner, accountOf(owner, 2), wmon.vault, true],
      },
    ])
    expect((await discover([owner])).found).toEqual([{ kind: 'complete', refs: [] }])
  })

  it('lists a loan whose oracle fails, and is not complete when an account has two lenders', async () => {
    const owner = await open(8)
    await euler.failOracle('silently')
    expect((await discover([owner])).found).toMatchObject([{ kind: 'complete', refs: [{}] }])
    await euler.setController({ owner, accountId: 8, vault: wmon, on: true })
    expect((await discover([owner])).found).toEqual([
      { kind: 'partial', refs: [], reason: 'some accounts could not be read' },
    ])
  })
})
