import type { Address } from '../../src/domain/address.ts'

// Sources and how sure each one is: NOTES.md.
export const EVC: Address = '0x7a9324e8f270413fa2e458f5831226d99c7477cd'

export const VAULT_FACTORY: Address = '0xba4dd672062de8feedb665dd4410658864483f1e'

/** Lists the vaults that Euler's own app vouches for. */
export const GOVERNED_PERSPECTIVE: Address = '0x8707b105567661e7c6b41cdd1b3ec7d784e5fa50'

export const PYTH: Address = '0x2880ab155794e7179c9ee2e38200202908c17b43'

export const EULER_SUBGRAPH =
  'https://api.goldsky.com/api/public/project_cm4iagnemt1wp01xn4gh1agft/subgraphs/euler-simple-monad/latest/gn'

/** Pyth's public price service, called Hermes. */
export const PYTH_HERMES = 'https://hermes.pyth.network'

/** The unit of account of vaults that count in US dollars: ISO 4217 code 840, with 18 decimals. */
export const USD: Address = '0x0000000000000000000000000000000000000348'
