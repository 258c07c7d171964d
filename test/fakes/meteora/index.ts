import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { damaged, type MeteoraFault } from './faults.ts'
import type { FakePool } from './universe.ts'

export interface FakePosition {
  readonly address: string
  readonly pool: string
  readonly lower: number
  readonly upper: number
  /** `null`: the API cannot tell. */
  readonly active: number | null
  readonly outOfRange: boolean | null
}

export interface FakeMeteora {
  readonly url: string
  serve(pools: readonly FakePool[]): void
  /** Open positions of a wallet. */
  hold(wallet: string, positions: readonly FakePosition[]): void
  set(fault: MeteoraFault): void
  /** Paths with their parameters, oldest first. */
  requests(): readonly URL[]
  clearRequests(): void
  stop(): Promise<void>
}

const MAX_PAGE = 1_000

/** A double of Meteora's data API, as far as Buoy uses it. It is no proof of how the real one behaves. */
export async function createFakeMeteora(): Promise<FakeMeteora> {
  let pools: readonly FakePool[] = []
  let asked: URL[] = []
  let fault: MeteoraFault = { kind: 'ok' }
  /** Filtered and sorted, by filter and order: what is asked for page by page. */
  let lists = new Map<string, readonly FakePool[]>()
  const held = new Map<string, readonly FakePosition[]>()

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    asked.push(url)
    if (!request.headers['user-agent']) send(response, { status: 403, body: '{"message":"forbidden"}' })
    else if (!answerWithFault(response, fault)) send(response, answer(url))
  })

  function answer(url: URL): { status: number; body: string } {
    const wallet = url.searchParams.get('user') ?? ''
    if (url.pathname === '/pools') return poolsAnswer(url)
    if (url.pathname === '/portfolio/open') return ok(portfolio(held.get(wallet) ?? []))
    const [, pool] = /^\/positions\/(\w+)\/pnl$/.exec(url.pathname) ?? []
    if (pool === undefined) return { status: 404, body: '{"message":"not found"}' }
    return ok(positionsIn((held.get(wallet) ?? []).filter((position) => position.pool === pool)))
  }

  function poolsAnswer({ searchParams }: URL): { status: number; body: string } {
    const page = Number(searchParams.get('page') ?? '1')
    const size = Number(searchParams.get('page_size') ?? '10')
    if (!(page >= 1 && size >= 1 && size <= MAX_PAGE)) return { status: 400, body: '{"message":"bad page"}' }
    const all = listed(searchParams.get('filter_by') ?? '', searchParams.get('sort_by') ?? '')
    const moved = fault.kind === 'moving' ? fault.rows * (page - 1) : 0
    const start = (page - 1) * size + moved
    let data: object[] = all.slice(start, start + size)
    if (fault.kind === 'cut-short' && page > 1) data = []
    if (fault.kind === 'broken-rows') {
      const { every } = fault
      const broken = fault
      data = data.map((row, index) => (index % every === 0 ? damaged(row, broken) : row))
    }
    const whole = ok({
      total: all.length,
      pages: Math.ceil(all.length / size),
      current_page: page,
      page_size: size,
      data,
    })
    return fault.kind === 'nan'
      ? { ...whole, body: whole.body.replace(/"tvl":[\d.e+]+/, '"tvl":NaN') }
      : whole
  }

  function listed(filter: string, order: string): readonly FakePool[] {
    const key = `${filter}|${order}|${fault.kind}`
    const known = lists.get(key)
    if (known) return known
    const test = filterOf(filter)
    const found = pools.filter(
      (pool, index) => test(pool) && fault.kind !== 'empty' && (fault.kind !== 'half' || index % 2 === 0),
    )
    const sorted = found.sort(
      order === 'tvl:desc' ? (a, b) => b.tvl - a.tvl : (a, b) => a.created_at - b.created_at,
    )
    lists.set(key, sorted)
    return sorted
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    serve(next) {
      pools = next
      lists = new Map()
    },
    hold: (wallet, positions) => {
      held.set(wallet, positions)
    },
    set: (next) => {
      fault = next
    },
    requests: () => asked,
    clearRequests: () => {
      asked = []
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function ok(value: unknown): { status: number; body: string } {
  return { status: 200, body: JSON.stringify(value) }
}

function send(response: ServerResponse, { status, body }: { status: number; body: string }): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body)
}

/** Answers in place of the double's data; false when there is nothing wrong with the request as a whole. */
function answerWithFault(response: ServerResponse, fault: MeteoraFault): boolean {
  switch (fault.kind) {
    case 'rate-limited':
      response.writeHead(429, { 'retry-after': `${fault.retryAfterS}` }).end('{"message":"slow down"}')
      return true
    case 'status':
      send(response, { status: fault.status, body: '{"message":"no"}' })
      return true
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Just a moment…</html>')
      return true
    case 'too-long':
      send(response, { status: 200, body: `{"total":1,"data":["${'x'.repeat(fault.bytes)}"]}` })
      return true
    case 'hang':
      return true
    case 'ok':
    case 'empty':
    case 'half':
    case 'cut-short':
    case 'moving':
    case 'broken-rows':
    case 'nan':
      return false
  }
}

/** `tvl>=1000 && is_blacklisted=false`; a field that is not known finds nothing, without an error, as on the real one. */
function filterOf(filter: string): (pool: FakePool) => boolean {
  const tests = filter
    .split('&&')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part): ((pool: FakePool) => boolean) => {
      const [, least] = /^tvl>=([\d.]+)$/.exec(part) ?? []
      if (least !== undefined) return (pool) => pool.tvl >= Number(least)
      if (part === 'is_blacklisted=false') return (pool) => !pool.is_blacklisted
      return () => false
    })
  return (pool) => tests.every((test) => test(pool))
}

function portfolio(positions: readonly FakePosition[]): unknown {
  const pools = [...new Set(positions.map(({ pool }) => pool))]
  return {
    page: 1,
    pageSize: 50,
    hasNext: false,
    totalCount: pools.length,
    totalPositions: positions.length,
    pools: pools.map((pool) => {
      const inside = positions.filter((position) => position.pool === pool)
      return {
        poolAddress: pool,
        binStep: 10,
        tokenX: 'SOL',
        tokenY: 'USDC',
        tokenXMint: 'So11111111111111111111111111111111111111112',
        tokenYMint: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
        balances: '1234.5',
        unclaimedFees: '6.7',
        outOfRange: inside.some(({ outOfRange }) => outOfRange === null)
          ? null
          : inside.some(({ outOfRange }) => outOfRange === true),
        positionsOutOfRange: inside.filter(({ outOfRange }) => outOfRange).map(({ address }) => address),
        listPositions: inside.map(({ address }) => address),
      }
    }),
  }
}

function positionsIn(positions: readonly FakePosition[]): unknown {
  return {
    page: 1,
    pageSize: 100,
    hasNext: false,
    totalCount: positions.length,
    positions: positions.map(({ address, lower, upper, active, outOfRange }) => ({
      positionAddress: address,
      lowerBinId: lower,
      upperBinId: upper,
      minPrice: '100',
      maxPrice: '200',
      poolActiveBinId: active,
      isOutOfRange: outOfRange,
      isClosed: false,
    })),
  }
}
