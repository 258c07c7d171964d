import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ApiFault } from '../../fakes/morpho-api/faults.ts'
import { createFakeMorphoApi, type FakeMorphoApi } from '../../fakes/morpho-api/index.ts'
import { ask, dataOf, hex, itemsIn, MARKETS, ownersIn, POSITIONS } from './morpho-api-kit.ts'

let api: FakeMorphoApi

beforeEach(async () => {
  api = await createFakeMorphoApi({ data: dataOf(6) })
})

afterEach(() => api.stop())

function positions(variables: object = {}) {
  return ask(api.url, { query: POSITIONS, variables })
}

async function under(fault: ApiFault, variables: object = {}) {
  await api.set(fault)
  return await positions(variables)
}

describe('an API that cannot be reached', () => {
  it('refuses connections, and is on the same port when it is back', async () => {
    await api.set({ kind: 'down' })
    await expect(positions()).rejects.toThrow('fetch failed')
    expect(ownersIn(await under({ kind: 'ok' }))).toHaveLength(6)
  })

  it('hangs until the caller gives up', async () => {
    await api.set({ kind: 'hang' })
    const gone = new AbortController()
    const asked = fetch(api.url, { method: 'POST', body: '{}', signal: gone.signal })
    const givenUp = expect(asked).rejects.toThrow('aborted')
    await api.waitForRequests({ count: 1 })
    gone.abort()
    await givenUp
    expect(api.requests()).toMatchObject([{ fault: 'hang', status: null }])
  })

  it('stops while requests hang and while others are slow', async () => {
    await api.set({ kind: 'hang', times: 1 })
    const hanging = expect(positions()).rejects.toThrow('fetch failed')
    await api.waitForRequests({ count: 1 })
    await api.set({ kind: 'slow', ms: 60_000 })
    const slow = expect(positions()).rejects.toThrow('fetch failed')
    await api.waitForRequests({ count: 2 })
    await api.stop()
    await api.stop()
    await Promise.all([hanging, slow])
  })

  it('is slow and then answers', async () => {
    expect(ownersIn(await under({ kind: 'slow', ms: 5 }))).toHaveLength(6)
  })
})

describe('an answer that is none', () => {
  it('has a status, with or without Retry-After, as text or as a page', async () => {
    expect((await under({ kind: 'status', status: 500 })).status).toBe(500)
    const limited = await under({ kind: 'status', status: 429, retryAfter: 3 })
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3'])
    const gateway = await under({ kind: 'status', status: 502, html: true })
    expect([gateway.status, gateway.headers.get('content-type')]).toEqual([502, 'text/html'])
    expect(gateway.text).toContain('<html>')
  })

  it('is a page with status 200', async () => {
    const { status, text } = await under({ kind: 'html' })
    expect(status).toBe(200)
    expect(text).toContain('<html>')
  })

  it('is far too large', async () => {
    expect((await under({ kind: 'oversized', bytes: 3_000_000 })).text).toHaveLength(3_000_000)
  })

  it('is an error with status 200 and no data', async () => {
    const { status, body } = await under({ kind: 'errors' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ data: null, errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] })
  })

  it('is NOT_FOUND instead of an empty list', async () => {
    const fault = { kind: 'not-found-when-empty' } as const
    expect(ownersIn(await under(fault, { users: [hex(2)] }))).toEqual([2])
    const { status, body } = await under(fault, { users: [hex(99)] })
    expect(status).toBe(200)
    expect(body).toMatchObject({ data: null, errors: [{ extensions: { code: 'NOT_FOUND' } }] })
  })

  it('is NOT_FOUND for pages above a size', async () => {
    const fault = { kind: 'corrupt-page', above: 200 } as const
    expect(ownersIn(await under(fault, { first: 200 }))).toHaveLength(6)
    const { body } = await under(fault, { first: 201 })
    expect(body).toMatchObject({ data: null, errors: [{ extensions: { code: 'NOT_FOUND' } }] })
  })
})

describe('an answer that leaves something out', () => {
  it('has no rows though there are some', async () => {
    const { body } = await under({ kind: 'empty' })
    expect(body.data?.['marketPositions']).toMatchObject({ items: [], pageInfo: { countTotal: 0 } })
  })

  it('misses every second row, or the rows of the named owners', async () => {
    expect(ownersIn(await under({ kind: 'stale' }))).toEqual([6, 4, 2])
    expect(ownersIn(await under({ kind: 'stale', missing: [hex(5), hex(6)] }))).toEqual([4, 3, 2, 1])
  })

  it('repeats a row on the next page, as when another one appeared in front', async () => {
    await api.set({ kind: 'duplicates' })
    const pages = []
    for (const skip of [0, 3, 6]) pages.push(ownersIn(await positions({ first: 3, skip })))
    expect(pages).toEqual([[6, 5, 4], [4, 3, 2], [1]])
  })
})

describe('an answer with damaged rows', () => {
  it('has no list', async () => {
    expect(itemsIn(await under({ kind: 'null-items' }))).toBeNull()
  })

  it.each([
    ['null-state', 'state'],
    ['null-market', 'market'],
    ['null-health', 'healthFactor'],
  ] as const)('can have %s in every second row', async (kind, field) => {
    const items = itemsIn(await under({ kind, everyRow: 2 }))
    const missing = items?.map((row) => row?.[field] === null)
    expect(missing).toEqual([false, true, false, true, false, true])
  })

  it('lacks a field', async () => {
    const [row] = itemsIn(await under({ kind: 'missing-field', field: 'state.borrowShares' })) ?? []
    expect(Object.keys(row?.['state'] ?? {})).toEqual(['collateral', 'supplyShares'])
  })

  it('has a value of another type', async () => {
    const fault = { kind: 'wrong-type', field: 'market.marketId', value: { no: 'id' } } as const
    const [row] = itemsIn(await under(fault)) ?? []
    expect(row).toMatchObject({ market: { marketId: { no: 'id' } } })
  })

  it('has rows that are none', async () => {
    const items = itemsIn(await under({ kind: 'garbage', everyRow: 2 })) ?? []
    expect([items[1], items[3], items[5]]).toEqual([null, 'garbage', 0])
    expect(items[0]).toMatchObject({ user: { address: hex(6) } })
  })
})

describe('a fault', () => {
  it('hits as many requests as it is told, and counts them', async () => {
    const statuses = []
    await api.set({ kind: 'status', status: 500, times: 2 })
    for (let request = 0; request < 4; request += 1) statuses.push((await positions()).status)
    expect(statuses).toEqual([500, 500, 200, 200])
    expect(api.hits()).toBe(2)
    expect(api.requests().map(({ fault }) => fault)).toEqual(['status', 'status', null, null])
  })

  it('hits only every third request', async () => {
    const statuses = []
    await api.set({ kind: 'status', status: 400, every: 3 })
    for (let request = 0; request < 6; request += 1) statuses.push((await positions()).status)
    expect(statuses).toEqual([200, 200, 400, 200, 200, 400])
  })

  it('hits only requests for the named list', async () => {
    await api.set({ kind: 'empty', list: 'markets' })
    expect(ownersIn(await positions())).toHaveLength(6)
    expect(itemsIn(await ask(api.url, { query: MARKETS }), 'markets')).toEqual([])
    expect(api.hits()).toBe(1)
  })

  it('is over when another one is set', async () => {
    await under({ kind: 'empty' })
    expect(ownersIn(await under({ kind: 'ok' }))).toHaveLength(6)
    expect(api.hits()).toBe(0)
  })
})
