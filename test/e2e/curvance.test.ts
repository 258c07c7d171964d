import { parseUnits } from 'ethers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { createPerson, type Person } from './person.ts'

const MARKET = 'WMON/USDC'
const HOLD_SECONDS = 20 * 60

let bed: Bed
let ada: Person

beforeAll(async () => {
  // The sweep comes too seldom to help: what is found here is found on /add or by events.
  bed = await createBed({ env: { BUOY_DISCOVERY_SECONDS: '3600' } })
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
})
beforeEach(async () => {
  await price('4')
  ada = await createPerson(bed, 'Ada')
})

function price(usd: string): Promise<void> {
  return bed.curvance.setFeed({ symbol: 'WMON', lower: usd })
}

/** 1000 WMON at $4, 130 % soft and a margin of 0.5 %, with 1913 USDC of debt: 3061 / 1913 = 1.60. */
async function openLoan({
  owner = bed.chain.newOwner(),
  debt = '1913',
}: {
  owner?: string
  debt?: string
} = {}): Promise<string> {
  const { curvance } = bed
  await curvance.deposit({ market: MARKET, symbol: 'WMON', owner, amount: parseUnits('1000', 18) })
  await curvance.borrow({ market: MARKET, symbol: 'USDC', owner, amount: parseUnits(debt, 6) })
  return owner
}

describe('a Curvance loan', () => {
  it('is found by /add, told in dollars, and rings when its health falls', async () => {
    const wallet = await openLoan()
    const answer = await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    expect(answer.text).toContain(
      'Curvance WMON/USDC · health 1.60 (60.0 % in its app) · 37.5 % to liquidation',
    )
    expect(answer.text).toContain('collateral $4,000.00 · debt $1,913.00 · rings at 1.40')
    await price('3.4')
    const alert = await ada.expect(/🟠/)
    expect(alert.text.split('\n')[0]).toBe(
      '🟠 Main · Curvance WMON/USDC · health 1.36 (36.0 % in its app) · 26.4 % to liquidation',
    )
    expect(alert.text).toMatch(/Repay about \$[\d,.]+ of debt/)
  })

  it('is only offered more collateral while Curvance holds the account, and repaying after that', async () => {
    const wallet = await openLoan()
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    const held = await ada.ask('/rescue Main 2', /health 2/)
    expect(held.text).toMatch(/Add [\d,.]+ WMON → health 2\.00/)
    expect(held.text).not.toContain('Repay')
    expect(held.text).toMatch(/Until \d\d:\d\d UTC Curvance only lets you add collateral/)
    await bed.advance(HOLD_SECONDS)
    const free = await ada.ask('/rescue Main 2', /health 2/)
    expect(free.text).toMatch(/Repay [\d,.]+ USDC → health 2\.00/)
    expect(free.text).not.toContain('refuses')
  })

  it("is shown by /position with its prices and with the percentage of Curvance's own page", async () => {
    // 3061.538 / 2970 = 1.0308.
    const wallet = await openLoan({ debt: '2970' })
    await ada.ask(`/add ${wallet} 1.02 Main`, /Watching Main/)
    const detail = await ada.ask('/position Main', /Collateral/)
    expect(detail.text).toMatch(
      /Curvance WMON\/USDC · health 1\.03 \(3\.0 % in its app\) · 2\.9 % to liquidation/,
    )
    expect(detail.text).toContain('1,000.00 WMON · $4,000.00')
    expect(detail.text).toMatch(/liquidation at \$3\.89 \(now \$4\.00/)
  })

  it('that is opened after /add is found by its events, without a sweep, and rings at once when it is in danger', async () => {
    const wallet = bed.chain.newOwner()
    await ada.ask(`/add ${wallet} 1.7 Later`, /No loan or deposit on .*Curvance/)
    await openLoan({ owner: wallet })
    await ada.expect(/🟠 Later · Curvance WMON\/USDC · health 1\.60/)
  })

  it('is read the same when the reader is gone', async () => {
    const wallet = await openLoan()
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    await bed.chain.makeCallsRevert(bed.curvance.addresses.reader)
    try {
      const answer = await ada.ask('/check Main', /Curvance/)
      expect(answer.text).toContain('Curvance WMON/USDC · health 1.60')
      await price('3.4')
      await ada.expect(/🟠 Main · Curvance WMON\/USDC · health 1\.36/)
    } finally {
      await bed.chain.restoreCode(bed.curvance.addresses.reader)
    }
  })

  it('whose oracle fails is said to be unseen, never to be gone, and rings when it stays so', async () => {
    const wallet = await openLoan()
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    await bed.curvance.setFeed({ symbol: 'WMON', lower: '4', failing: true })
    const answer = await ada.ask('/check Main', /I cannot see it/)
    expect(answer.text).toMatch(/❔ Curvance WMON\/USDC · I cannot see it: /)
    expect(answer.text).not.toMatch(/No loan or deposit on .*Curvance/)
    await bed.aCycle()
    await bed.advance(11 * 60)
    const alert = await ada.expect(/⚫ Main · Curvance WMON\/USDC/)
    expect(alert.text).toContain('Last seen: health 1.60')
    await price('4')
    await ada.expect(/👁/)
  })
})
