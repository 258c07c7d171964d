import { Interface } from 'ethers'

export const POOL_ABI = new Interface([
  'function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode)',
  'function withdraw(address asset, uint256 amount, address to) returns (uint256)',
  'function borrow(address asset, uint256 amount, uint256 interestRateMode, uint16 referralCode, address onBehalfOf)',
  'function repay(address asset, uint256 amount, uint256 interestRateMode, address onBehalfOf) returns (uint256)',
  'function liquidationCall(address collateralAsset, address debtAsset, address user, uint256 debtToCover, bool receiveAToken)',
  'function getUserAccountData(address user) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)',
  'event LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)',
])

export const TOKEN_ABI = new Interface([
  // The token has a second mint(uint256): name the wanted one in full when encoding.
  'function mint(address account, uint256 value) returns (bool)',
  'function approve(address spender, uint256 value) returns (bool)',
  'function balanceOf(address account) view returns (uint256)',
])

export const ORACLE_ABI = new Interface(['function getAssetPrice(address asset) view returns (uint256)'])

export const AGGREGATOR_ABI = new Interface([
  'function marketAnswer() view returns (int256)',
  'function setAnswer(int256 answer)',
  'function setFrozen(bool frozen)',
  'function setFailing(bool failing)',
])

/** Aave's name for a debt whose rate floats. */
export const VARIABLE_RATE_MODE = 2n
