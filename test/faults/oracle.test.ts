import { Interface } from 'ethers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { openFourLoans } from '../bed/loans.ts'
import { createPerson, rung } from '../e2e/person.ts'
import { aCycleOf, type Borrower, createBorrower, linesWith, price, sendAway } from './kit.ts'

let bed: Bed
let ada: Borrower

beforeAll(async () => {
  bed = await createBed()
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
})
beforeEach(async () => {
  await price(bed, '4')
  ada = await createBorrower(bed)
})
afterEach(async () => {
  await bed.chain.failOracle({ asset: 'WMON', failing: false })
  await sendAway(bed, [ada])
})

describe('prices and numbers at their edges', () => {
  it('F27 the oracle reverts: named as such, blind after a while, and never that there is no loan', async () => {
    await bed.chain.failOracle({ asset: 'WMON', failing: true })
    const answer = await ada.ask('/check Main', /Main/)
    expect(answer.text).toContain('❔ Neverland Main · I cannot see it: price oracle of WMON does not answer')
    expect(answer.text).not.toMatch(/no loan or deposit on .*neverland|no position|closed|safe/i)
    await bed.aCycle()
    await bed.advance(11 * 60)
    const alert = await ada.expect(/⚫/)
    expect(alert.text).toContain('its price oracle does not answer')
    expect(alert.text).toContain('Last seen: health 1.60')
    expect(alert.silent).toBe(false)
    await bed.chain.failOracle({ asset: 'WMON', failing: false })
    const back = await ada.expect(/👁/)
    expect(back.silent).toBe(true)
  })

  it('F27 the oracle only has an old price: named as such, and the loans elsewhere are read as ever', async () => {
    const owner = await openFourLoans(bed)
    const bob = await createPerson(bed, 'Bob')
    await bob.ask(`/add ${owner} 1.4 All`, /Euler[^\n]*health 1\.6/)
    const data = new Interface(['error PriceOracle_TooStale(uint256,uint256)'])
    await bed.euler.failOracle({ data: data.encodeErrorResult('PriceOracle_TooStale', [3_600, 60]) })
    const answer = await bob.ask('/check All', /Euler/)
    expect(answer.text).toMatch(/❔ Euler[^\n]*the price oracle's price is 3600 s old/)
    expect(answer.text).toMatch(/Neverland[^\n]*health 1\.6/)
    await aCycleOf(bed.buoy)
    await bed.advance(11 * 60)
    expect((await bob.expect(/⚫/)).text).toContain('its price oracle does not answer')
    await bed.euler.failOracle('no')
    expect((await bob.expect(/👁/)).text).toContain('Euler')
    expect(await linesWith(bob, '⚪')).toEqual([])
    await sendAway(bed, [bob])
  })

  it('F28 health is max uint: shown as no debt, and nothing rings', async () => {
    const owner = await bed.chain.openPosition({ supply: [{ asset: 'WMON', amount: '10' }] })
    const bob = await createPerson(bed, 'Bob')
    const added = await bob.ask(`/add ${owner} 9 Deposit`, /Watching Deposit/)
    expect(added.text).toContain('no debt')
    expect(added.text).not.toMatch(/health \d|115792/)
    await price(bed, '1')
    await aCycleOf(bed.buoy)
    expect(await rung(bob)).toEqual([])
    await sendAway(bed, [bob])
  })

  it('F28 dust debt: shown, and does not ring', async () => {
    const owner = await bed.chain.openPosition({
      supply: [{ asset: 'WMON', amount: '1' }],
      borrow: [{ asset: 'USDC', amount: '0.5' }],
    })
    const bob = await createPerson(bed, 'Bob')
    expect((await bob.ask(`/add ${owner} 1.4 Dust`, /Watching Dust/)).text).toMatch(/health 6\.\d/)
    await price(bed, '0.7')
    await ada.expect(/🆘/)
    await aCycleOf(bed.buoy)
    expect(await rung(bob)).toEqual([])
    expect((await bob.ask('/check Dust', /Dust/)).text).toMatch(/health 1\.0/)
    await sendAway(bed, [bob])
  })

  it('F28 bad debt: told as liquidatable with its reason, once in its episode', async () => {
    await price(bed, '1')
    const alert = await ada.expect(/🆘/)
    expect(alert.text).toContain('The collateral is worth less than the debt')
    await price(bed, '0.5')
    await aCycleOf(bed.buoy)
    await bed.advance(3_600)
    await aCycleOf(bed.buoy)
    expect(await linesWith(ada, '🆘')).toHaveLength(1)
  })

  it('F28 collateral worth nothing: health 0, told as liquidatable', async () => {
    await price(bed, '0.00000001')
    const alert = await ada.expect(/🆘/)
    expect(alert.text).toMatch(/health 0/)
    expect(alert.text).toContain('Collateral under $0.01')
    expect(alert.text).not.toMatch(/closed|no loan|NaN|Infinity/)
  })
})
