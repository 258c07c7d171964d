import { Interface } from 'ethers'

const MARKET_PARAMS =
  '(address loanToken, address collateralToken, address oracle, address irm, uint256 lltv)'

/** What the scenarios use of Morpho; its own compiled interface is for the deployment only. */
export const MORPHO_ABI = new Interface([
  `function supply(${MARKET_PARAMS} marketParams, uint256 assets, uint256 shares, address onBehalf, bytes data)`,
  `function borrow(${MARKET_PARAMS} marketParams, uint256 assets, uint256 shares, address onBehalf, address receiver)`,
  `function repay(${MARKET_PARAMS} marketParams, uint256 assets, uint256 shares, address onBehalf, bytes data)`,
  `function supplyCollateral(${MARKET_PARAMS} marketParams, uint256 assets, address onBehalf, bytes data)`,
  `function withdrawCollateral(${MARKET_PARAMS} marketParams, uint256 assets, address onBehalf, address receiver)`,
  `function liquidate(${MARKET_PARAMS} marketParams, address borrower, uint256 seizedAssets, uint256 repaidShares, bytes data)`,
  `function accrueInterest(${MARKET_PARAMS} marketParams)`,
  'function setAuthorization(address authorized, bool newIsAuthorized)',
  'function isAuthorized(address authorizer, address authorized) view returns (bool)',
  'function position(bytes32 id, address user) view returns (uint256 supplyShares, uint128 borrowShares, uint128 collateral)',
  'function market(bytes32 id) view returns (uint128 totalSupplyAssets, uint128 totalSupplyShares, uint128 totalBorrowAssets, uint128 totalBorrowShares, uint128 lastUpdate, uint128 fee)',
  `function idToMarketParams(bytes32 id) view returns ${MARKET_PARAMS}`,
  'event Liquidate(bytes32 indexed id, address indexed caller, address indexed borrower, uint256 repaidAssets, uint256 repaidShares, uint256 seizedAssets, uint256 badDebtAssets, uint256 badDebtShares)',
])

export const TEST_ORACLE_ABI = new Interface([
  'function price() view returns (uint256)',
  'function settablePrice() view returns (uint256)',
  'function setPrice(uint256 price)',
  'function setFailing(bool failing)',
])

const PRE_LIQUIDATION_PARAMS =
  '(uint256 preLltv, uint256 preLCF1, uint256 preLCF2, uint256 preLIF1, uint256 preLIF2, address preLiquidationOracle)'

export const PRE_LIQUIDATION_FACTORY_ABI = new Interface([
  `function createPreLiquidation(bytes32 id, ${PRE_LIQUIDATION_PARAMS} params) returns (address)`,
  'function isPreLiquidation(address target) view returns (bool)',
  `event CreatePreLiquidation(address indexed preLiquidation, bytes32 id, ${PRE_LIQUIDATION_PARAMS} preLiquidationParams)`,
])
