import { readFileSync } from 'node:fs'
import {
  buildSchema,
  type DocumentNode,
  execute,
  type GraphQLError,
  GraphQLScalarType,
  type GraphQLSchema,
  Kind,
  parse,
  validate,
} from 'graphql'
import { type BigIntStyle, createBigIntWriter } from './big-int-text.ts'
import { type ApiMarket, type ApiSource, DEFAULT_CHAIN_ID } from './data.ts'
import type { ApiFault } from './faults.ts'
import { checkArgs, type PageArgs, pageOf } from './pages.ts'
import {
  type MarketFilters,
  marketRows,
  type Order,
  type PositionFilters,
  type PositionRow,
  positionRows,
} from './rows.ts'

export interface ApiRequest {
  query: string
  variables: Record<string, unknown>
  operationName: string | null
}

export interface ApiResult {
  data?: unknown
  errors?: readonly GraphQLError[]
}

export interface Parsed {
  /** Missing when the query is not understood. */
  document?: DocumentNode
  errors: readonly GraphQLError[]
  /** Names of the lists that are asked for. */
  lists: readonly string[]
}

/** Reads the fake's own schema; each fake has one of its own, with its own way to write a BigInt. */
export function createSchema(style: BigIntStyle): GraphQLSchema {
  const schema = buildSchema(readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8'))
  const bigInt = schema.getType('BigInt')
  if (bigInt instanceof GraphQLScalarType) bigInt.serialize = createBigIntWriter(style)
  return schema
}

/** Parses and validates. Fields, arguments and types that the API does not have are errors, as there. */
export function parseRequest(schema: GraphQLSchema, { query }: ApiRequest): Parsed {
  let document: DocumentNode
  try {
    document = parse(query)
  } catch (error) {
    return { errors: [error as GraphQLError], lists: [] }
  }
  const lists = document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? definition.selectionSet.selections.flatMap((one) => (one.kind === Kind.FIELD ? [one.name.value] : []))
      : [],
  )
  return { document, errors: validate(schema, document), lists }
}

interface Execution {
  schema: GraphQLSchema
  document: DocumentNode
  request: ApiRequest
  source: ApiSource
  fault: ApiFault
}

/** Answers the query from the data, with those faults that concern which rows there are. */
export async function executeRequest({
  schema,
  document,
  request,
  source,
  fault,
}: Execution): Promise<ApiResult> {
  return await execute({
    schema,
    document,
    variableValues: request.variables,
    operationName: request.operationName,
    rootValue: createRoot(source, fault),
  })
}

type ListArgs<Where> = PageArgs & Order & { where?: Where | null }

function createRoot(source: ApiSource, fault: ApiFault) {
  return {
    marketPositions: async (args: ListArgs<PositionFilters>) => {
      const where = args.where ?? {}
      checkArgs(args, where)
      const rows = positionRows(await source(), { where, order: args })
      const namesOf = ({ position }: PositionRow) => [position.user, position.marketId]
      const { items, pageInfo } = pageOf(rows, { args, fault, namesOf })
      return { pageInfo, items: items.map(positionView) }
    },
    markets: async (args: ListArgs<MarketFilters>) => {
      const where = args.where ?? {}
      checkArgs(args, where)
      const rows = marketRows(await source(), { where, order: args })
      const { items, pageInfo } = pageOf(rows, { args, fault, namesOf: ({ marketId }) => [marketId] })
      return { pageInfo, items: items.map(marketView) }
    },
  }
}

function positionView({ position, market }: PositionRow) {
  const { collateral, borrowShares, supplyShares, healthFactor, user } = position
  return {
    id: `${position.marketId}-${user}`,
    healthFactor,
    market: marketView(market),
    user: { chain: { id: market.chainId ?? DEFAULT_CHAIN_ID }, address: user },
    state: { collateral, borrowShares, supplyShares },
  }
}

function marketView({
  chainId = DEFAULT_CHAIN_ID,
  listed = true,
  preLiquidations = [],
  ...market
}: ApiMarket) {
  return {
    ...market,
    id: market.marketId,
    chain: { id: chainId },
    listed,
    preLiquidations: (args: PageArgs) => {
      checkArgs(args, {})
      return pageOf(preLiquidations, { args, fault: { kind: 'ok' }, namesOf: () => [] })
    },
  }
}
