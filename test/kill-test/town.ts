import type { Bed } from '../bed/bed.ts'
import { type Person, personIn } from '../e2e/person.ts'

/** One loan as the test knows it; the product learns of it only through `/add`. */
export interface Loan {
  readonly chat: number
  /** What its wallet is called in that chat; no other wallet is called so. */
  readonly label: string
  readonly protocol: 'Neverland' | 'Morpho'
  readonly owner: string
}

/** Everybody who is to be woken, and everything they must be woken for. */
export interface Town {
  readonly chats: readonly number[]
  readonly loans: readonly Loan[]
}

/** What every wallet is added with. The critical line that follows from it is 1.1. */
const THRESHOLD = '1.4'
const PEOPLE = 4
/** As many as one person may add in a minute. */
const WALLETS_EACH = 6
const COLLATERAL = '1000'

/** Four people and a group, 30 wallets, each with a loan on Neverland and five of six with one on Morpho: 55 loans. */
export async function settleTown(bed: Bed): Promise<Town> {
  const places = await openChats(bed)
  const loans: Loan[] = []
  for (const [chatIndex, person] of places.entries()) {
    const wallets = Array.from({ length: WALLETS_EACH }, (_, index) => chatIndex * WALLETS_EACH + index)
    const owners = await bed.chain.openPositions(
      wallets.map((index) => ({
        supply: [{ asset: 'WMON', amount: COLLATERAL }],
        // Health 1.50 to 1.76 at $4, each its own.
        borrow: [{ asset: 'USDC', amount: String(1_700 + index * 11) }],
      })),
    )
    const both = wallets.flatMap((index, at) => ({ index, owner: owners[at] ?? '' }))
    const onMorpho = both.filter(({ index }) => index % WALLETS_EACH !== 3)
    await bed.chain.openMorphoPositions(
      onMorpho.map(({ index, owner }) => ({
        market: 'WMON-USDC',
        owner,
        collateral: COLLATERAL,
        borrow: String(1_950 + index * 12),
      })),
    )
    for (const { index, owner } of both) {
      const label = `W${String(index).padStart(2, '0')}`
      await person.ask(`/add ${owner} ${THRESHOLD} ${label}`, new RegExp(`Watching ${label}`))
      loans.push({ chat: person.chat, label, protocol: 'Neverland', owner })
      if (index % WALLETS_EACH !== 3) loans.push({ chat: person.chat, label, protocol: 'Morpho', owner })
    }
  }
  return { chats: places.map(({ chat }) => chat), loans }
}

async function openChats(bed: Bed): Promise<Person[]> {
  const { control } = bed.telegram
  const people: Person[] = []
  for (let index = 0; index < PEOPLE; index += 1) {
    const { id } = await control.createUser({ firstName: `Person ${index + 1}` })
    people.push(personIn(bed, { user: id, chat: id }))
  }
  const { id: user } = await control.createUser({ firstName: 'Ada' })
  const members = [{ user, status: 'creator' as const }]
  const { id: chat } = await control.createGroup({ bot: 'administrator', members })
  return [...people, personIn(bed, { user, chat })]
}
