import { wordOf, wordsOf } from '../../src/chain/answers.ts'
import type { Call, CallResult } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import { cTokenAbi, managerAbi } from './abi.ts'
import { boolOfWord } from './answers.ts'
import type { ReadContext } from './read.ts'
import { decodeFactor, factorCall } from './reader.ts'
import type { Whole } from './whole.ts'

/** What the market allows the account right now; what could not be read counts as allowed unless it is `null`. */
export interface Circumstances {
  /** Until when repaying and taking out are refused, in seconds; 0 for an account that is free to. */
  readonly heldUntilS: number | null
  /** cTokens that nothing can be added to. */
  readonly addingPaused: ReadonlySet<Address>
  /** How many more shares of each cToken the market takes as collateral; `null` where that could not be read. */
  readonly roomShares: ReadonlyMap<Address, bigint | null>
  readonly redeemPaused: boolean
  readonly liquidationPaused: boolean
  /** The smallest debt that may be left over, in USD 1e18. */
  readonly smallestUsdWad: bigint
  /** How much can be liquidated, 1e18 = everything. */
  readonly factorWad: bigint
}

/** Flags of the manager that are integers: 2 is yes. */
const PAUSED = 2n
const CALLS_PER_TOKEN = 3
const POSTED = cTokenAbi.encodeFunctionData('marketCollateralPosted')
const LATEST_S = 2n ** 40n

export async function readCircumstances(
  ref: PositionRef,
  { whole, readerAddress, context }: { whole: Whole; readerAddress: Address | null; context: ReadContext },
): Promise<Circumstances> {
  const { at, reader } = context
  const to = whole.parts.market.id
  const manager = (name: string, args: readonly unknown[] = []): Call => ({
    to,
    data: managerAbi.encodeFunctionData(name, args),
  })
  const usable = (await reader.fault(at)) === null ? readerAddress : null
  const { parts } = whole.parts
  const [acted, hold, redeem, liquidation, smallest, ...rest] = await at.call([
    manager('accountAssets', [ref.owner]),
    manager('MIN_HOLD_PERIOD'),
    manager('redeemPaused'),
    manager('liquidationPaused'),
    manager('MIN_LOAN_SIZE'),
    ...parts.flatMap(({ cToken }) => [
      manager('actionsPaused', [cToken]),
      manager('collateralCaps', [cToken]),
      { to: cToken, data: POSTED },
    ]),
    ...(usable ? [factorCall(usable, ref)] : []),
  ])
  const paused = parts.filter((_, index) => addingIsPaused(rest[index * CALLS_PER_TOKEN]))
  const factor = usable ? decodeFactor(rest[parts.length * CALLS_PER_TOKEN]) : null
  return {
    heldUntilS: heldUntil({ acted: wordOf(acted), hold: wordOf(hold), now: at.block.timestamp }),
    addingPaused: new Set(paused.map(({ cToken }) => cToken)),
    roomShares: new Map(
      parts.map(({ cToken }, index) => {
        const [cap, posted] = rest.slice(index * CALLS_PER_TOKEN + 1, (index + 1) * CALLS_PER_TOKEN)
        return [cToken, roomOf({ capShares: wordOf(cap), postedShares: wordOf(posted) })]
      }),
    ),
    redeemPaused: wordOf(redeem) === PAUSED,
    liquidationPaused: wordOf(liquidation) === PAUSED,
    smallestUsdWad: wordOf(smallest) ?? 0n,
    factorWad: factor ?? whole.counted.factorWad,
  }
}

/** The hold ends a fixed time after the last action; for an account that never acted that was long ago. */
function heldUntil(times: { acted: bigint | null; hold: bigint | null; now: number }): number | null {
  const { acted, hold, now } = times
  if (acted === null || hold === null || acted + hold > LATEST_S) return null
  const untilS = Number(acted + hold)
  return untilS > now ? untilS : 0
}

/** The cap is on shares, and 0 lets nobody post any; lowering it may leave more posted than it allows. */
function roomOf(shares: { capShares: bigint | null; postedShares: bigint | null }): bigint | null {
  const { capShares, postedShares } = shares
  if (capShares === null || postedShares === null) return null
  return capShares > postedShares ? capShares - postedShares : 0n
}

function addingIsPaused(result: CallResult | undefined): boolean {
  const [mint, collateralization] = wordsOf(result, 3) ?? []
  return boolOfWord(mint) === true || boolOfWord(collateralization) === true
}
