import { parseUnits } from 'ethers'
import type { Bed } from './bed.ts'

const COLLATERAL = '1000'

/** One wallet with 1,000 WMON on each of the four protocols, and as much debt in USDC as makes every health a hair over 1.60 at $4, for interest grows. */
export async function openFourLoans({
  chain,
  euler,
  curvance,
}: Pick<Bed, 'chain' | 'euler' | 'curvance'>): Promise<string> {
  const owner = await chain.openPosition({
    supply: [{ asset: 'WMON', amount: COLLATERAL }],
    borrow: [{ asset: 'USDC', amount: '1874' }],
  })
  await chain.openMorphoPosition({
    owner,
    market: 'WMON-USDC',
    collateral: COLLATERAL,
    borrow: '2149',
  })
  const market = 'WMON/USDC'
  await curvance.deposit({ market, symbol: 'WMON', owner, amount: parseUnits(COLLATERAL, 18) })
  await curvance.borrow({ market, symbol: 'USDC', owner, amount: parseUnits('1913', 6) })
  const { 'eWMON-1': wmon, 'eUSDC-1': usdc } = euler.vaults
  await euler.openLoan({
    owner,
    accountId: 7,
    controller: usdc,
    collateral: [{ vault: wmon, amount: COLLATERAL }],
    debt: '2124',
  })
  return owner
}
