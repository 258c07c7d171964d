import { Interface } from 'ethers'

const MARKET_PARAMS =
  '(address loanToken, address collateralToken, address oracle, address irm, uint256 lltv)'
const MARKET =
  '(uint128 totalSupplyAssets, uint128 totalSupplyShares, uint128 totalBorrowAssets, uint128 totalBorrowShares, uint128 lastUpdate, uint128 fee)'

/** Morpho Blue 1.0.0. */
export const morphoAbi = new Interface([
  `function accrueInterest(${MARKET_PARAMS} marketParams)`,
  'function market(bytes32 id) view returns (uint128, uint128, uint128, uint128, uint128, uint128)',
  'function idToMarketParams(bytes32 id) view returns (address, address, address, address, uint256)',
  'function extSloads(bytes32[] slots) view returns (bytes32[])',
  'function isAuthorized(address authorizer, address authorized) view returns (bool)',
  'event CreateMarket(bytes32 indexed id, (address, address, address, address, uint256) marketParams)',
  'event Borrow(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets, uint256 shares)',
  'event Repay(bytes32 indexed id, address indexed caller, address indexed onBehalf, uint256 assets, uint256 shares)',
  'event SupplyCollateral(bytes32 indexed id, address indexed caller, address indexed onBehalf, uint256 assets)',
  'event WithdrawCollateral(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets)',
  'event Liquidate(bytes32 indexed id, address indexed caller, address indexed borrower, uint256 repaidAssets, uint256 repaidShares, uint256 seizedAssets, uint256 badDebtAssets, uint256 badDebtShares)',
  'event SetAuthorization(address indexed caller, address indexed authorizer, address indexed authorized, bool newIsAuthorized)',
])

export const oracleAbi = new Interface(['function price() view returns (uint256)'])

export const irmAbi = new Interface([
  `function borrowRateView(${MARKET_PARAMS} marketParams, ${MARKET} market) view returns (uint256)`,
])

const PRE_LIQUIDATION_PARAMS =
  '(uint256 preLltv, uint256 preLCF1, uint256 preLCF2, uint256 preLIF1, uint256 preLIF2, address preLiquidationOracle)'

export const preLiquidationAbi = new Interface([
  'function ID() view returns (bytes32)',
  `function preLiquidationParams() view returns (${PRE_LIQUIDATION_PARAMS})`,
])

export const preLiquidationFactoryAbi = new Interface([
  'function isPreLiquidation(address preLiquidation) view returns (bool)',
  `event CreatePreLiquidation(address indexed preLiquidation, bytes32 id, ${PRE_LIQUIDATION_PARAMS} preLiquidationParams)`,
])
