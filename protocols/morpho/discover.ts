import type { Address } from '../../src/domain/address.ts'
import { ApiError } from '../../src/errors.ts'
import type { Discovery } from '../strategy.ts'
import { type ApiRequest, MAX_OWNERS, type MorphoApi } from './api.ts'
import { type MarketList, SWITCHED_OFF } from './market-list.ts'
import { positionRef, type ReadContext } from './read.ts'
import { type OwnerInMarket, readShares } from './shares.ts'

export interface DiscoverContext extends ReadContext {
  readonly api: MorphoApi | null
  readonly list: MarketList
}

/** Up to so many owners are also looked up on the chain in every known market; of more, every tenth. */
const FEW_OWNERS = 10
const SAMPLE = 10
const API_BUDGET_MS = 6_000
/** Storage slots that one search may read. */
const MAX_SLOTS = 50_000

/** What the API said about one owner; `gaps`: why that may not be all. */
interface Listed {
  readonly marketIds: readonly string[]
  readonly gaps: string | null
}

/**
 * The API says where to look, the chain says what is there. Some owners are looked up in every known market as well; when
 * the API missed a position of one of them, or does not answer, all of them are.
 */
export async function discoverPositions(
  owners: readonly Address[],
  context: DiscoverContext,
): Promise<Discovery[]> {
  const { at, list } = context
  // The API must leave time for the chain.
  const limit = AbortSignal.timeout(API_BUDGET_MS)
  const request = { priority: at.priority, signal: at.signal ? AbortSignal.any([at.signal, limit]) : limit }
  const [known, listed] = await Promise.all([
    list.known(request),
    askApi(owners, { api: context.api, request }),
  ])
  const sampled = (index: number): boolean =>
    owners.length <= FEW_OWNERS || (index + at.block.number) % SAMPLE === 0
  const search = createSearch(known.ids, context)

  const first = await search(
    owners.map((owner, index) => {
      const answer = listed[index]
      return {
        owner,
        marketIds: answer?.marketIds ?? [],
        everywhere: answer?.gaps !== null || sampled(index),
      }
    }),
  )
  const missed = first.some(
    ({ found }, index) =>
      listed[index]?.gaps === null && found.some((id) => !listed[index]?.marketIds.includes(id)),
  )
  const seen = missed
    ? await search(
        owners.map((owner, index) => ({
          owner,
          marketIds: listed[index]?.marketIds ?? [],
          everywhere: true,
        })),
      )
    : first

  const markets = await context.markets([...new Set(seen.flatMap(({ found }) => found))], at)
  return owners.map((owner, index) => {
    const { found, failed, everywhere } = seen[index] ?? { found: [], failed: true, everywhere: false }
    const refs = found.flatMap((id) => {
      const market = markets.get(id)
      return market ? [positionRef(owner, market)] : []
    })
    const apiGaps = missed ? "Morpho's API missed a position" : (listed[index]?.gaps ?? null)
    const reasons = [
      ...(failed ? ['some positions could not be read'] : []),
      ...(refs.length < found.length ? ['a market could not be read'] : []),
      ...(apiGaps !== null && !(everywhere && known.gaps === null)
        ? [`${apiGaps}; I looked in ${known.ids.length} known market(s)`]
        : []),
    ]
    return reasons.length === 0
      ? { kind: 'complete', refs }
      : { kind: 'partial', refs, reason: reasons.join('; ') }
  })
}

async function askApi(
  owners: readonly Address[],
  { api, request }: { api: MorphoApi | null; request: ApiRequest },
): Promise<Listed[]> {
  if (!api) return owners.map(() => ({ marketIds: [], gaps: SWITCHED_OFF }))
  const answers: Listed[] = []
  for (let start = 0; start < owners.length; start += MAX_OWNERS) {
    const part = owners.slice(start, start + MAX_OWNERS)
    answers.push(...(await askForPart(part, { api, request })))
  }
  return answers
}

async function askForPart(
  owners: readonly Address[],
  { api, request }: { api: MorphoApi; request: ApiRequest },
): Promise<Listed[]> {
  try {
    const { rows, gaps } = await api.positions(owners, request)
    const byOwner = new Map<Address, Set<string>>()
    for (const { owner, marketId } of rows)
      byOwner.set(owner, (byOwner.get(owner) ?? new Set()).add(marketId))
    return owners.map((owner) => ({ marketIds: [...(byOwner.get(owner) ?? [])], gaps }))
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return owners.map(() => ({ marketIds: [], gaps: error.message }))
  }
}

interface Wanted {
  readonly owner: Address
  /** Where the API says that there is something. */
  readonly marketIds: readonly string[]
  /** Look in every known market too. */
  readonly everywhere: boolean
}

interface Seen {
  readonly found: readonly string[]
  readonly failed: boolean
  readonly everywhere: boolean
}

/** Reads positions straight from storage, as many markets per owner as the allowance has room for. */
function createSearch(known: readonly string[], { morpho, at }: DiscoverContext) {
  return async (wanted: readonly Wanted[]): Promise<Seen[]> => {
    let left = MAX_SLOTS
    const plans = wanted.map(({ owner, marketIds, everywhere }) => {
      const all = [...new Set([...marketIds, ...known])]
      const fits = everywhere && all.length <= left
      const ids = fits ? all : marketIds
      left -= ids.length
      return { owner, ids, everywhere: fits }
    })
    const places: OwnerInMarket[] = plans.flatMap(({ owner, ids }) =>
      ids.map((marketId) => ({ owner, marketId })),
    )
    const shares = await readShares(places, { morpho, at })
    let next = 0
    return plans.map(({ ids, everywhere }) => {
      const found: string[] = []
      let failed = false
      for (const id of ids) {
        const entry = shares[next]
        next += 1
        if (!entry) failed = true
        else if (entry.borrowShares > 0n || entry.collateral > 0n) found.push(id)
      }
      return { found, failed, everywhere }
    })
  }
}
