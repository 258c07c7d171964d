import { CENTRAL_REGISTRY, PROTOCOL_READER } from '../protocols/curvance/addresses.ts'
import {
  EULER_SUBGRAPH,
  EVC,
  GOVERNED_PERSPECTIVE,
  PYTH,
  PYTH_HERMES,
  VAULT_FACTORY,
} from '../protocols/euler/addresses.ts'
import { BUILT_PROTOCOLS } from '../protocols/index.ts'
import { METEORA_API } from '../protocols/meteora/api.ts'
import { MORPHO, MORPHO_API, PRE_LIQUIDATION_FACTORY } from '../protocols/morpho/addresses.ts'
import {
  NEVERLAND_PROVIDERS,
  NEVERLAND_REGISTRY,
  NEVERLAND_VAULT_FACTORY,
} from '../protocols/neverland/addresses.ts'
import { address, addresses, list, optionalAddress, optionalUrl, read, variable } from './config-readers.ts'

function protocols(text: string): readonly (typeof BUILT_PROTOCOLS)[number][] | undefined {
  const items = list(text).map((item) => BUILT_PROTOCOLS.find((id) => id === item.toLowerCase()))
  return items.length > 0 && items.every((item) => item !== undefined) ? [...new Set(items)] : undefined
}

/** Which protocols are watched, and where each of them is. */
export const PROTOCOL_VARIABLES = {
  protocols: variable({
    name: 'BUOY_PROTOCOLS',
    schema: read(protocols),
    fallback: BUILT_PROTOCOLS.join(','),
    secret: false,
    expected: `one or more of ${BUILT_PROTOCOLS.join(', ')}, comma separated`,
    example: BUILT_PROTOCOLS.join(','),
  }),
  neverlandProviders: variable({
    name: 'BUOY_NEVERLAND_PROVIDERS',
    schema: read(addresses),
    fallback: NEVERLAND_PROVIDERS.join(','),
    secret: false,
    expected: 'PoolAddressesProvider addresses, comma separated',
    example: '0x49D75170F55C964dfdd6726c74fdEDEe75553A0f',
  }),
  neverlandRegistry: variable({
    name: 'BUOY_NEVERLAND_REGISTRY',
    schema: read(address),
    fallback: NEVERLAND_REGISTRY,
    secret: false,
    expected: 'the address of the PoolAddressesProviderRegistry',
    example: '0xD0CCDe10CAcd12f1c839Db6400B82a82ab90fa9B',
  }),
  neverlandVaultFactory: variable({
    name: 'BUOY_NEVERLAND_VAULT_FACTORY',
    schema: read(address),
    fallback: NEVERLAND_VAULT_FACTORY,
    secret: false,
    expected: 'the address of the UserVaultFactory',
    example: '0xe82f2fa836BC5DB42a36C66027c0113BcAA28143',
  }),
  morphoAddress: variable({
    name: 'BUOY_MORPHO_ADDRESS',
    schema: read(address),
    fallback: MORPHO,
    secret: false,
    expected: 'the address of the Morpho contract',
    example: '0xD5D960E8C380B724a48AC59E2DfF1b2CB4a1eAee',
  }),
  morphoPreLiquidationFactory: variable({
    name: 'BUOY_MORPHO_PRELIQUIDATION_FACTORY',
    schema: read(address),
    fallback: PRE_LIQUIDATION_FACTORY,
    secret: false,
    expected: 'the address of the PreLiquidationFactory',
    example: '0xB5b3e541abd19799E0c65905a5a42BD37d6c94c0',
  }),
  morphoApi: variable({
    name: 'BUOY_MORPHO_API_URL',
    schema: optionalUrl,
    fallback: MORPHO_API,
    emptyCounts: true,
    secret: false,
    expected: "the http(s) address of Morpho's GraphQL API, or nothing to use the chain alone",
    example: MORPHO_API,
  }),
  eulerEvc: variable({
    name: 'BUOY_EULER_EVC',
    schema: read(address),
    fallback: EVC,
    secret: false,
    expected: 'the address of the Ethereum Vault Connector',
    example: '0x7a9324E8f270413fa2E458f5831226d99C7477CD',
  }),
  eulerVaultFactory: variable({
    name: 'BUOY_EULER_VAULT_FACTORY',
    schema: read(address),
    fallback: VAULT_FACTORY,
    secret: false,
    expected: 'the address of the eVaultFactory',
    example: '0xba4Dd672062dE8FeeDb665DD4410658864483f1E',
  }),
  eulerPerspective: variable({
    name: 'BUOY_EULER_PERSPECTIVE',
    schema: optionalAddress,
    fallback: GOVERNED_PERSPECTIVE,
    emptyCounts: true,
    secret: false,
    expected: 'the address of the perspective that lists vaults, or nothing to know only those with loans',
    example: '0x8707B105567661E7c6B41cDd1b3EC7D784e5FA50',
  }),
  eulerSubgraph: variable({
    name: 'BUOY_EULER_SUBGRAPH_URL',
    schema: optionalUrl,
    fallback: EULER_SUBGRAPH,
    emptyCounts: true,
    secret: true,
    expected: "the http(s) address of Euler's subgraph, or nothing to use the chain alone",
    example: EULER_SUBGRAPH,
  }),
  eulerPythUrl: variable({
    name: 'BUOY_EULER_PYTH_URL',
    schema: optionalUrl,
    fallback: PYTH_HERMES,
    emptyCounts: true,
    secret: true,
    expected: "the http(s) address of Pyth's price service, or nothing to leave old prices old",
    example: PYTH_HERMES,
  }),
  eulerPyth: variable({
    name: 'BUOY_EULER_PYTH',
    schema: read(address),
    fallback: PYTH,
    secret: false,
    expected: 'the address of the Pyth contract',
    example: '0x2880aB155794e7179c9eE2e38200202908C17B43',
  }),
  curvanceRegistry: variable({
    name: 'BUOY_CURVANCE_REGISTRY',
    schema: read(address),
    fallback: CENTRAL_REGISTRY,
    secret: false,
    expected: 'the address of the CentralRegistry',
    example: '0x1310f352f1389969Ece6741671c4B919523912fF',
  }),
  meteoraApi: variable({
    name: 'BUOY_METEORA_API_URL',
    schema: optionalUrl,
    fallback: METEORA_API,
    emptyCounts: true,
    secret: false,
    expected: "the http(s) address of Meteora's data API, or nothing to tell of no pools",
    example: METEORA_API,
  }),
  curvanceReader: variable({
    name: 'BUOY_CURVANCE_READER',
    schema: optionalAddress,
    fallback: PROTOCOL_READER,
    emptyCounts: true,
    secret: false,
    expected: 'the address of the ProtocolReader, or nothing to read without it',
    example: '0xC5E6DD26095Cc1fa2369f7885dF263e150228D8b',
  }),
} as const
