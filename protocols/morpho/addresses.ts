import type { Address } from '../../src/domain/address.ts'

// Sources and how sure each one is: NOTES.md. Not the address that Morpho has on Ethereum and Base.
export const MORPHO: Address = '0xd5d960e8c380b724a48ac59e2dff1b2cb4a1eaee'

export const PRE_LIQUIDATION_FACTORY: Address = '0xb5b3e541abd19799e0c65905a5a42bd37d6c94c0'

export const MORPHO_API = 'https://api.morpho.org/graphql'
