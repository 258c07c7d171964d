import type { Address } from '../../src/domain/address.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import { ApiError } from '../../src/errors.ts'
import type { Discovery } from '../strategy.ts'
import { positionRef } from './accounts.ts'
import { readUsers, type SearchContext, type Seen, searchLoans } from './search.ts'
import { MAX_OWNERS, type Subgraph } from './subgraph.ts'
import type { Vaults } from './vaults.ts'

export interface DiscoverContext extends SearchContext {
  readonly vaults: Vaults
  readonly subgraph: Subgraph | null
}

/** All accounts of so few owners are looked at whatever the subgraph says; of more owners, those of every tenth. */
const FEW_OWNERS = 3
const SAMPLE = 10

/** What the subgraph said about one owner; `gaps`: why that may not be all. */
interface Listed {
  readonly accountIds: readonly number[]
  readonly gaps: string | null
}

/**
 * The subgraph says where to look, the chain says what is there. Of some owners all 256 accounts are looked at as well; when
 * the subgraph missed a loan of one of them, or does not answer, those of all owners are, as far as the allowance goes.
 */
export async function discoverPositions(
  owners: readonly Address[],
  context: DiscoverContext,
): Promise<Discovery[]> {
  const uses = await readUsers(owners, context)
  const users = [...new Set(owners.filter((_, index) => uses[index] === true))]
  const listed = await askSubgraph(users, context)
  const sampled = (index: number): boolean =>
    users.length <= FEW_OWNERS || (index + context.at.block.number) % SAMPLE === 0

  const first = await search(
    { owners: users, listed, everywhere: (index) => listed[index]?.gaps !== null || sampled(index) },
    context,
  )
  const missed = first.some(
    ({ found }, index) =>
      listed[index]?.gaps === null &&
      found.some(({ accountId }) => !listed[index]?.accountIds.includes(accountId)),
  )
  const seen = missed ? await search({ owners: users, listed, everywhere: () => true }, context) : first
  const vaults = await context.vaults(
    [...new Set(seen.flatMap(({ found }) => found.map(({ controller }) => controller)))],
    context.at,
  )
  const discoveries = new Map(
    users.map((owner, index) => {
      const { found, failed, everywhere } = seen[index] ?? { found: [], failed: true, everywhere: false }
      const refs: PositionRef[] = found.flatMap(({ accountId, controller }) => {
        const vault = vaults.get(controller)
        return vault ? [positionRef({ owner, accountId }, vault)] : []
      })
      const gaps = missed ? "Euler's subgraph missed a position" : (listed[index]?.gaps ?? null)
      const reasons = [
        ...(failed ? ['some accounts could not be read'] : []),
        ...(refs.length < found.length ? ['a vault could not be read'] : []),
        ...(gaps !== null && !everywhere ? [`${gaps}; not all 256 accounts were looked at`] : []),
      ]
      return [owner, answerOf(refs, reasons)] as const
    }),
  )
  return owners.map((owner, index) => {
    if (uses[index] === false) return { kind: 'complete', refs: [] }
    return (
      discoveries.get(owner) ?? {
        kind: 'partial',
        refs: [],
        reason: 'Euler did not tell whether this address uses it',
      }
    )
  })
}

function answerOf(refs: readonly PositionRef[], reasons: readonly string[]): Discovery {
  return reasons.length === 0
    ? { kind: 'complete', refs }
    : { kind: 'partial', refs, reason: reasons.join('; ') }
}

interface Search {
  readonly owners: readonly Address[]
  readonly listed: readonly Listed[]
  /** By the owner's place in the list. */
  readonly everywhere: (index: number) => boolean
}

function search({ owners, listed, everywhere }: Search, context: SearchContext): Promise<Seen[]> {
  return searchLoans(
    owners.map((owner, index) => ({
      owner,
      accountIds: listed[index]?.accountIds ?? [],
      everywhere: everywhere(index),
    })),
    context,
  )
}

async function askSubgraph(owners: readonly Address[], context: DiscoverContext): Promise<Listed[]> {
  const answers: Listed[] = []
  for (let start = 0; start < owners.length; start += MAX_OWNERS) {
    answers.push(...(await askForPart(owners.slice(start, start + MAX_OWNERS), context)))
  }
  return answers
}

async function askForPart(owners: readonly Address[], { subgraph, at }: DiscoverContext): Promise<Listed[]> {
  if (!subgraph) return owners.map(() => ({ accountIds: [], gaps: "Euler's subgraph is switched off" }))
  try {
    const { priority, signal, block } = at
    const { accountIds, gaps } = await subgraph.accounts(owners, {
      priority,
      signal,
      blockNumber: block.number,
    })
    return owners.map((owner) => ({ accountIds: accountIds.get(owner) ?? [], gaps }))
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const gaps = `Euler's subgraph: ${error.message}`
    return owners.map(() => ({ accountIds: [], gaps }))
  }
}
