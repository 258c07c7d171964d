import { Interface } from 'ethers'

/** Aave v3.0.2, which Neverland forks; the selectors are the same on Aave v3.7. */
export const registryAbi = new Interface(['function getAddressesProvidersList() view returns (address[])'])

export const providerAbi = new Interface([
  'function getPool() view returns (address)',
  'function getPriceOracle() view returns (address)',
  'function getMarketId() view returns (string)',
])

export const poolAbi = new Interface([
  'function getUserAccountData(address user) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)',
  'function getReservesList() view returns (address[])',
])

export const oracleAbi = new Interface([
  'function getAssetPrice(address asset) view returns (uint256)',
  'function BASE_CURRENCY_UNIT() view returns (uint256)',
])

export const tokenAbi = new Interface(['function symbol() view returns (string)'])

export const GET_USER_ACCOUNT_DATA = '0xbf92857c'
