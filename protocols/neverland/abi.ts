import { Interface } from 'ethers'

/** Aave v3.0.2, which Neverland forks; the selectors are the same on Aave v3.7. */
export const registryAbi = new Interface(['function getAddressesProvidersList() view returns (address[])'])

export const providerAbi = new Interface([
  'function getPool() view returns (address)',
  'function getPriceOracle() view returns (address)',
  'function getPoolConfigurator() view returns (address)',
  'function getMarketId() view returns (string)',
])

export const poolAbi = new Interface([
  'function getUserAccountData(address user) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)',
  'function getReservesList() view returns (address[])',
  'function getReserveData(address asset) view returns (uint256[15])',
  'function getUserConfiguration(address user) view returns (uint256)',
  'function getUserEMode(address user) view returns (uint256)',
  'function POOL_REVISION() view returns (uint256)',
  // Up to Aave v3.1, so on Neverland: one category per reserve.
  'function getEModeCategoryData(uint8 id) view returns ((uint16 ltv, uint16 liquidationThreshold, uint16 liquidationBonus, address priceSource, string label))',
  // From Aave v3.2: a category says which reserves it holds.
  'function getEModeCategoryCollateralBitmap(uint8 id) view returns (uint128)',
  'function getEModeCategoryCollateralConfig(uint8 id) view returns (uint256 ltv, uint256 liquidationThreshold, uint256 liquidationBonus)',
  'function getEModeCategoryLabel(uint8 id) view returns (string)',
])

export const oracleAbi = new Interface([
  'function getAssetPrice(address asset) view returns (uint256)',
  'function BASE_CURRENCY() view returns (address)',
  'function BASE_CURRENCY_UNIT() view returns (uint256)',
])

export const tokenAbi = new Interface([
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
  'function balanceOf(address account) view returns (uint256)',
  'function totalSupply() view returns (uint256)',
])

export const vaultFactoryAbi = new Interface(['function getUserVault(address user) view returns (address)'])

export const GET_USER_ACCOUNT_DATA = '0xbf92857c'
