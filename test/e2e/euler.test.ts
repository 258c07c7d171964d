import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { createPerson, type Person } from './person.ts'

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
  bed.subgraph.fault = 'none'
  await bed.euler.failOracle('no')
  await bed.euler.setPrice({ vault: bed.euler.vaults['eWMON-1'], price: '4' })
  ada = await createPerson(bed, 'Ada')
})

/** 1000 WMON at $4 with 2125 USDC of debt: 3400 / 2125 = 1.6. */
async function openLoan(loan: { owner?: string; accountId?: number } = {}): Promise<string> {
  const { 'eWMON-1': wmon, 'eUSDC-1': usdc } = bed.euler.vaults
  return await bed.euler.openLoan({
    controller: usdc,
    collateral: [{ vault: wmon, amount: '1000' }],
    debt: '2125',
    ...loan,
  })
}

describe('a Euler loan', () => {
  it('is found by /add through the subgraph, told with its account, and rings when its health falls', async () => {
    const wallet = await openLoan({ accountId: 7 })
    const answer = await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    expect(bed.subgraph.asked.flat()).toContain(wallet.toLowerCase().slice(0, 40))
    expect(answer.text).toContain('Euler eUSDC-1 · account 7 · health 1.60 · 37.5 % to liquidation')
    expect(answer.text).not.toContain('cannot see')
    await bed.euler.setPrice({ vault: bed.euler.vaults['eWMON-1'], price: '3.4' })
    const alert = await ada.expect(/🟠/)
    expect(alert.text.split('\n')[0]).toBe(
      '🟠 Main · Euler eUSDC-1 · account 7 · health 1.36 · 26.4 % to liquidation',
    )
    expect(alert.text).toMatch(/Repay about \$[\d,.]+ of debt/)
  })

  it('is found among all 256 accounts while the subgraph is down', async () => {
    const wallet = await openLoan({ accountId: 7 })
    await openLoan({ owner: wallet, accountId: 255 })
    bed.subgraph.fault = 'status-500'
    const answer = await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    expect(answer.text).toContain('Euler eUSDC-1 · account 7 · health 1.60')
    expect(answer.text).toContain('Euler eUSDC-1 · account 255 · health 1.60')
    expect(answer.text).not.toContain('cannot see')
  })

  it('of a vault that counts in something else than dollars is told in that, without a dollar sign', async () => {
    const { euler, chain } = bed
    const oracle = await euler.createDouble('PriceOracleDouble')
    const unitOfAccount = chain.addresses.markets.main.reserves['WMON']?.token ?? ''
    const smon = await euler.createVault({ symbol: 'esMON-1', asset: 'sMON', unitOfAccount, oracle })
    const lender = await euler.createVault({ symbol: 'eWMON-2', asset: 'WMON', unitOfAccount, oracle })
    await euler.setPrice({ vault: smon, price: '1.05' })
    await euler.setLtv({ controller: lender, collateral: smon, liquidationBps: 9_000 })
    // 1000 sMON at 1.05 WMON with 590 WMON of debt: 945 / 590 = 1.60.
    const wallet = await euler.openLoan({
      controller: lender,
      collateral: [{ vault: smon, amount: '1000' }],
      debt: '590',
    })
    const answer = await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    expect(answer.text).toContain('Euler eWMON-2 · health 1.60')
    expect(answer.text).toContain('debt 590.00 WMON')
    expect(answer.text).not.toContain('$')
    await euler.setPrice({ vault: smon, price: '0.9' })
    const alert = await ada.expect(/🟠 Main · Euler eWMON-2 · health 1\.37/)
    expect(alert.text).toMatch(/Repay about [\d.]+ WMON of debt/)
    expect(alert.text).not.toContain('$')
    const detail = await ada.ask('/position Main', /sMON/)
    expect(detail.text).toMatch(/1,000\.00 sMON/)
    expect(detail.text).toMatch(/liquidation at about 0\.65\d* WMON \(now 0\.90 WMON/)
    expect(detail.text).not.toContain('$')
  })

  it('is shown with a liquidation LTV that is being lowered by /position, and with ways out by /rescue', async () => {
    const { euler } = bed
    const { 'eWMON-1': wmon } = euler.vaults
    const lender = await euler.createVault({ symbol: 'eUSDC-9', asset: 'USDC' })
    await euler.setPrice({ vault: lender, price: '1' })
    await euler.setLtv({ controller: lender, collateral: wmon, liquidationBps: 8_500 })
    const wallet = await euler.openLoan({
      accountId: 7,
      controller: lender,
      collateral: [{ vault: wmon, amount: '1000' }],
      debt: '2125',
    })
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    await euler.setLtv({
      controller: lender,
      collateral: wmon,
      liquidationBps: 8_000,
      rampSeconds: 10 * 24 * 3600,
    })
    const detail = await ada.ask('/position Main', /Collateral/)
    expect(detail.text).toContain('Euler eUSDC-9 · account 7')
    expect(detail.text).toContain('1,000.00 WMON · $4,000.00')
    expect(detail.text).toMatch(/liquidation at about \$2\.5\d \(now \$4\.00, -37 %\)/)
    expect(detail.text).toMatch(
      /The liquidation LTV of eWMON-1 is being lowered from 85% to 80% until \d{4}-\d\d-\d\d \d\d:\d\d UTC\./,
    )
    expect(detail.buttons.flat().some(({ url }) => url?.includes('/account/7?'))).toBe(true)
    const ways = await ada.ask('/rescue Main 2', /health 2/)
    expect(ways.text).toMatch(/Repay about 42[56]\.\d+ USDC/)
    expect(ways.text).toMatch(/Add about 25\d\.\d+ WMON/)
  })

  it('that is opened after /add is found by its events, without a sweep, and rings at once when it is in danger', async () => {
    const wallet = bed.chain.newOwner()
    await ada.ask(`/add ${wallet} 1.7 Later`, /No loan or deposit on .*Euler/)
    await openLoan({ owner: wallet, accountId: 7 })
    await ada.expect(/🟠 Later · Euler eUSDC-1 · account 7 · health 1\.60/)
  })

  it('whose oracle fails is said to be unseen, never to be gone, and rings when it stays so', async () => {
    const wallet = await openLoan({ accountId: 7 })
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    await bed.euler.failOracle('silently')
    const answer = await ada.ask('/check Main', /I cannot see it/)
    expect(answer.text).toMatch(/❔ Euler eUSDC-1 · account 7 · I cannot see it: .*price oracle/)
    expect(answer.text).not.toMatch(/No loan or deposit on .*Euler/)
    await bed.aCycle()
    await bed.advance(11 * 60)
    const alert = await ada.expect(/⚫ Main · Euler eUSDC-1 · account 7/)
    expect(alert.text).toContain('Last seen: health 1.60')
    await bed.euler.failOracle('no')
    await ada.expect(/👁/)
  })
})
