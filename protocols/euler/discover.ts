import { type Address, shortAddress } from '../../src/domain/address.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import { ApiError } from '../../src/errors.ts'
import type { Discovery } from '../strategy.ts'
import { positionRef } from './accounts.ts'
import type { MadeByFactory } from './factory.ts'
import type { Known } from './known.ts'
import { type Loan, readUsers, type SearchContext, type Seen, searchLoans } from './search.ts'
import { MAX_OWNERS, type Subgraph } from './subgraph.ts'
import type { Vault, Vaults } from './vaults.ts'

export interface DiscoverContext extends SearchContext {
  readonly vaults: Vaults
  readonly subgraph: Subgraph | null
  readonly known: Pick<Known, 'accounts'>
  readonly madeByFactory: MadeByFactory
}

/** All accounts of so few owners are looked at whatever the subgraph says; of more owners, those of every tenth. */
const FEW_OWNERS = 3
const SAMPLE = 10

/** What the subgraph and the events said about one owner; `gaps`: why that may not be all. */
interface Listed {
  /** What the subgraph itself named. */
  readonly listedIds: readonly number[]
  /** Where to look. */
  readonly accountIds: readonly number[]
  readonly gaps: string | null
}

/**
 * The subgraph, the events and the positions met so far say where to look, the chain says what is there. Of some owners all 256 accounts are looked at as well; when
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
  const unlisted = first.flatMap(({ found }, index) =>
    listed[index]?.gaps === null
      ? found.filter(({ accountId, confirmed }) => confirmed && !listed[index]?.listedIds.includes(accountId))
      : [],
  )
  const missed = await anyByFactory(unlisted, context)
  const seen = missed ? await search({ owners: users, listed, everywhere: () => true }, context) : first
  const lenders = await readLenders(
    seen.flatMap(({ found }) => found),
    context,
  )
  const discoveries = new Map(
    users.map((owner, index) => {
      const { found, failed, everywhere } = seen[index] ?? { found: [], failed: true, everywhere: false }
      const named = found.map(({ accountId, ...loan }) => ({ accountId, lender: lenders(loan) }))
      const refs: PositionRef[] = named.flatMap(({ accountId, lender }) =>
        typeof lender === 'string' ? [] : [positionRef({ owner, accountId }, lender)],
      )
      const failures = new Set(named.flatMap(({ lender }) => (typeof lender === 'string' ? [lender] : [])))
      const gaps = missed ? "Euler's subgraph missed a position" : (listed[index]?.gaps ?? null)
      const reasons = [
        ...(failed || failures.has('denied') ? ['some accounts could not be read'] : []),
        ...(failures.has('unreadable') ? ['a vault could not be read'] : []),
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
        reason: 'the main contract of Euler does not answer',
      }
    )
  })
}

/** The subgraph lists the vaults of the factory and no others. */
async function anyByFactory(
  loans: readonly Loan[],
  { madeByFactory, at }: DiscoverContext,
): Promise<boolean> {
  const made = await madeByFactory([...new Set(loans.map(({ controller }) => controller))], at)
  return loans.some(({ controller }) => made.get(controller) !== false)
}

type Lender = Pick<Vault, 'address' | 'symbol'>

/**
 * Who lends, or why that is not known. A contract that does not answer like a vault and that the factory did not make either will
 * never answer better: it is listed under its address, so that its loan is told as unknown instead of hiding the others.
 */
async function readLenders(
  loans: readonly Loan[],
  { vaults, madeByFactory, at }: DiscoverContext,
): Promise<(loan: Omit<Loan, 'accountId'>) => Lender | 'denied' | 'unreadable'> {
  const found = await vaults([...new Set(loans.map(({ controller }) => controller))], at)
  const odd = loans.filter(({ controller, confirmed }) => !confirmed || !found.has(controller))
  const made = await madeByFactory([...new Set(odd.map(({ controller }) => controller))], at)
  return ({ controller, confirmed }) => {
    const vault = found.get(controller)
    if (vault && confirmed) return vault
    if (made.get(controller) === false) return { address: controller, symbol: shortAddress(controller) }
    return confirmed ? 'unreadable' : 'denied'
  }
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

async function askForPart(
  owners: readonly Address[],
  { subgraph, known, at }: DiscoverContext,
): Promise<Listed[]> {
  const nothing = (gaps: string) =>
    owners.map((owner) => listedOf({ ids: [], gaps, block: 0 }, known.accounts(owner)))
  if (!subgraph) return nothing("Euler's subgraph is switched off")
  try {
    const { priority, signal, block: head } = at
    const { accountIds, gaps, block } = await subgraph.accounts(owners, {
      priority,
      signal,
      blockNumber: head.number,
    })
    return owners.map((owner) =>
      listedOf({ ids: accountIds.get(owner) ?? [], gaps, block }, known.accounts(owner)),
    )
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return nothing(`Euler's subgraph: ${error.message}`)
  }
}

/** With the owner's own address and what was met: events are ahead of the subgraph, which then may not know all. */
function listedOf(
  said: { readonly ids: readonly number[]; readonly gaps: string | null; readonly block: number },
  met: { readonly ids: readonly number[]; readonly newestEvent: number },
): Listed {
  const late = met.newestEvent > said.block ? "Euler's subgraph has not seen the newest event yet" : null
  return { listedIds: said.ids, accountIds: [0, ...said.ids, ...met.ids], gaps: said.gaps ?? late }
}
