import { WAD } from '../../src/domain/units.ts'
import type { Circumstances } from './circumstances.ts'
import { addable, type Whole } from './whole.ts'

/** What a person should know beyond the numbers, one sentence each. */
export function notesOf(whole: Whole, now: Circumstances): string[] {
  const { health, debt, collateral, parts } = whole
  if (health.noDebt) return pauseNotes(parts, now)
  return [
    ...(collateral.length === 0 && debt.length > 0
      ? ['There is debt but no collateral left: bad debt.']
      : liquidationNotes(now)),
    ...holdNotes(now),
    ...pauseNotes(parts, now),
    ...roomNotes(whole, now),
  ]
}

function liquidationNotes({ factorWad, liquidationPaused }: Circumstances): string[] {
  if (factorWad === 0n) return []
  if (liquidationPaused) return ['It is below the line, but Curvance has paused liquidations in this market.']
  if (factorWad >= WAD) return ['All of it can be liquidated now.']
  const percent = decimal((factorWad * 10_000n) / WAD)
  return [`A part of it can be liquidated now: it is ${percent} % of the way to a full liquidation.`]
}

function holdNotes({ heldUntilS }: Circumstances): string[] {
  if (heldUntilS === null)
    return ['Whether Curvance still holds this account after its last action could not be read.']
  if (heldUntilS === 0) return []
  // Rounded up to the minute: a minute early would be refused.
  const until = new Date(Math.ceil(heldUntilS / 60) * 60_000).toISOString().slice(11, 16)
  return [`Until ${until} UTC Curvance only lets you add collateral; repaying and taking out are refused.`]
}

function pauseNotes({ parts }: Whole['parts'], { addingPaused, redeemPaused }: Circumstances): string[] {
  return [
    ...parts.flatMap(({ cToken, token }) =>
      addingPaused.has(cToken)
        ? [`Curvance has paused adding ${token?.symbol ?? 'a token'} as collateral here.`]
        : [],
    ),
    ...(redeemPaused ? ['Curvance has paused taking tokens out of this market.'] : []),
  ]
}

function roomNotes(whole: Whole, { addingPaused, roomShares }: Circumstances): string[] {
  return addable(whole).flatMap(({ cToken, token }) => {
    const room = roomShares.get(cToken) ?? null
    const symbol = token?.symbol ?? 'a token'
    if (addingPaused.has(cToken) || (room !== null && room > 0n)) return []
    return room === null
      ? [`The market's cap on ${symbol} as collateral could not be checked.`]
      : [`This market takes no more ${symbol} as collateral now: its cap is reached.`]
  })
}

/** Hundredths as text, without zeros that say nothing. */
function decimal(hundredths: bigint): string {
  const size = hundredths < 0n ? -hundredths : hundredths
  const fraction = (size % 100n).toString().padStart(2, '0').replace(/0+$/, '')
  const text = `${size / 100n}${fraction === '' ? '' : `.${fraction}`}`
  return hundredths < 0n ? `-${text}` : text
}
