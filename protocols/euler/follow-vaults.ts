import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { MadeByFactory } from './factory.ts'
import type { Known } from './known.ts'

/**
 * The vaults that were met and that the factory made. Anybody can name any contract as a lender; what the factory did not make is
 * forgotten, and what it gave no answer about waits for the next time.
 */
export function createFollowVaults({
  known,
  madeByFactory,
}: {
  known: Known
  madeByFactory: MadeByFactory
}): (at: ChainReader) => Promise<readonly Address[]> {
  return async (at) => {
    const suggested = known.suggestedVaults()
    const made = await madeByFactory(suggested, at)
    for (const vault of suggested) {
      const isVault = made.get(vault)
      if (isVault !== undefined) known.judgeVault({ vault, isVault })
    }
    return known.vaults()
  }
}
