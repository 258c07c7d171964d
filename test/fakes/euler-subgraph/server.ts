import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema, graphql } from 'graphql'

export interface SubgraphRow {
  id: string
  borrows: unknown[]
  deposits: unknown[]
}

export type SubgraphFault =
  | 'none'
  | 'html'
  | 'status-500'
  /** HTTP 200 with `errors` and no data. */
  | 'errors'
  /** HTTP 200 with `data: null` and nothing else. */
  | 'null'

/** A stand-in for Euler's subgraph: real GraphQL over our own minimal schema. It knows what it is told, true or not. */
export interface FakeEulerSubgraph {
  url: string
  rows: Map<string, SubgraphRow>
  /** The block it has got to. */
  blockNumber: number
  hasIndexingErrors: boolean
  fault: SubgraphFault
  /** Prefixes of every query that was answered, in order. */
  asked: string[][]
  /** Runs before every answer, for a subgraph that follows something. */
  look: () => Promise<void>
  /** Notes that an account uses a vault. */
  add: (use: { account: string; vault: string; kind?: 'borrows' | 'deposits' }) => void
  stop: () => Promise<void>
}

/** As in The Graph, 100 rows come when no number is named. */
const SCHEMA = buildSchema(`
  scalar Bytes
  type Block { number: Int! }
  type Meta { block: Block! hasIndexingErrors: Boolean! }
  type TrackingActiveAccount { id: ID! borrows: [Bytes!]! deposits: [Bytes!]! }
  input TrackingActiveAccountFilter { id_in: [ID!] }
  type Query {
    trackingActiveAccounts(first: Int = 100, where: TrackingActiveAccountFilter): [TrackingActiveAccount!]!
    _meta: Meta
  }
`)

interface AccountsArguments {
  first: number
  where?: { id_in?: string[] }
}

export async function startFakeEulerSubgraph(): Promise<FakeEulerSubgraph> {
  const state = {
    rows: new Map<string, SubgraphRow>(),
    blockNumber: 1_000_000_000,
    hasIndexingErrors: false,
    fault: 'none' as SubgraphFault,
    asked: [] as string[][],
    look: () => Promise.resolve(),
  }
  const rootValue = {
    trackingActiveAccounts: ({ first, where }: AccountsArguments) => {
      const wanted = where?.id_in
      state.asked.push(wanted ?? [])
      const rows = [...state.rows.entries()].filter(([id]) => wanted?.includes(id) ?? true)
      return rows.slice(0, first).map(([, row]) => row)
    },
    _meta: () => ({ block: { number: state.blockNumber }, hasIndexingErrors: state.hasIndexingErrors }),
  }

  async function answer(body: string): Promise<{ status: number; type: string; text: string }> {
    const json = 'application/json'
    if (state.fault === 'html') return { status: 200, type: 'text/html', text: '<html>Just a moment</html>' }
    if (state.fault === 'status-500') return { status: 500, type: json, text: '{}' }
    if (state.fault === 'null') return { status: 200, type: json, text: '{"data":null}' }
    if (state.fault === 'errors') {
      return { status: 200, type: json, text: '{"errors":[{"message":"indexer unavailable"}]}' }
    }
    await state.look()
    const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> }
    const result = await graphql({ schema: SCHEMA, source: query, rootValue, variableValues: variables })
    return { status: 200, type: json, text: JSON.stringify(result) }
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      answer(Buffer.concat(chunks).toString('utf8')).then(
        ({ status, type, text }) => response.writeHead(status, { 'content-type': type }).end(text),
        () => response.destroy(),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}/subgraphs/euler-simple-fake/gn`,
    add: ({
      account,
      vault,
      kind = 'borrows',
    }: {
      account: string
      vault: string
      kind?: 'borrows' | 'deposits'
    }) => {
      const id = account.toLowerCase().slice(0, 40)
      const row = state.rows.get(id) ?? { id, borrows: [], deposits: [] }
      row[kind].push(`${account}${vault.slice(2)}`.toLowerCase())
      state.rows.set(id, row)
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  })
}
