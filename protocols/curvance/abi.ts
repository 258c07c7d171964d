import { Interface } from 'ethers'

export const registryAbi = new Interface([
  'function marketManagers() view returns (address[])',
  'function oracleManager() view returns (address)',
])

export const oracleAbi = new Interface([
  'function getPrice(address asset, bool inUSD, bool getLower) view returns (uint256 price, uint256 errorCode)',
])

/** MarketManagerIsolated. None of its events has an indexed field. */
export const managerAbi = new Interface([
  'function queryTokensListed() view returns (address[])',
  'function assetsOf(address account) view returns (address[])',
  'function collConfig(address cToken) view returns (uint256 collRatio, uint256 collReqSoft, uint256 collReqHard)',
  'function accountAssets(address account) view returns (uint256 cooldownTimestamp)',
  'function collateralCaps(address cToken) view returns (uint256)',
  'function AUCTION_BUFFER() view returns (uint256)',
  'function MIN_HOLD_PERIOD() view returns (uint256)',
  'function MIN_LOAN_SIZE() view returns (uint256)',
  'function actionsPaused(address cToken) view returns (bool mintPaused, bool collateralizationPaused, bool borrowPaused)',
  'function redeemPaused() view returns (uint8)',
  'function liquidationPaused() view returns (uint8)',
  'event PositionUpdated(address cToken, address account, bool open)',
  'event TokenListed(address cToken)',
  'event TokenConfigUpdated((address cToken, uint256 collRatio, uint256 collReqSoft, uint256 collReqHard, uint256 liqIncBase, uint256 liqIncHard, uint256 liqIncMin, uint256 liqIncMax, uint256 closeFactorBase, uint256 closeFactorMin, uint256 closeFactorMax, uint256 collateralCap, uint256 debtCap) config)',
])

/** `debtBalance` exists only where `isBorrowable`. */
export const cTokenAbi = new Interface([
  'function asset() view returns (address)',
  'function decimals() view returns (uint8)',
  'function isBorrowable() view returns (bool)',
  'function exchangeRate() view returns (uint256)',
  'function balanceOf(address account) view returns (uint256)',
  'function collateralPosted(address account) view returns (uint256)',
  'function marketCollateralPosted() view returns (uint256)',
  'function debtBalance(address account) view returns (uint256)',
  'event Borrow(uint256 assets, uint256 debtAssetsOwed, address account)',
  'event Repay(uint256 assets, uint256 debtAssetsOwed, address payer, address account)',
  'event CollateralUpdated(uint256 shares, bool increased, address account)',
  'event Liquidated(uint256 shares, address liquidator, address account)',
])

const STATIC_ASSET = '(address _address, string name, string symbol, uint8 decimals, uint256 totalSupply)'
const STATIC_TOKEN = `(address _address, string name, string symbol, uint8 decimals, ${STATIC_ASSET} asset, uint256 collateralCap, uint256 debtCap, bool isListed, bool mintPaused, bool collateralizationPaused, bool borrowPaused, bool redeemPaused, bool isBorrowable, uint256 collRatio, uint256 maxLeverage, uint256 collReqSoft, uint256 collReqHard, uint256 liqIncBase, uint256 liqIncCurve, uint256 liqIncMin, uint256 liqIncMax, uint256 closeFactorBase, uint256 closeFactorCurve, uint256 closeFactorMin, uint256 closeFactorMax, uint256[2] adapters, uint256 irmTargetRate, uint256 irmMaxRate, uint256 irmTargetUtilization, uint256 interestFee)`
const DYNAMIC_TOKEN =
  '(address _address, uint256 totalSupply, uint256 exchangeRate, uint256 totalAssets, uint256 collateral, uint256 debt, uint256 sharePrice, uint256 assetPrice, uint256 sharePriceLower, uint256 assetPriceLower, uint256 borrowRate, uint256 predictedBorrowRate, uint256 utilizationRate, uint256 supplyRate, uint256 liquidity)'
const SUMMARY =
  '(address _address, uint256 collateral, uint256 maxDebt, uint256 debt, uint256 positionHealth, uint256 cooldown, bool errorCodeHit)'

/** ProtocolReader as of SDK 5.8.0. */
export const readerAbi = new Interface([
  'function centralRegistry() view returns (address)',
  'function getPositionHealth(address mm, address account, address cToken, address borrowableCToken, bool isDeposit, uint256 collateralAssets, bool isRepayment, uint256 debtAssets, uint256 bufferTime) view returns (uint256 positionHealth, bool errorCodeHit)',
  `function getMarketSummaries(address[] markets, address account) view returns (${SUMMARY}[] userMarkets)`,
  'function liquidationValuesOf(address mm, address account, bool isAuction) view returns (uint256 cSoft, uint256 cHard, uint256 debt, uint256 lFactor, bool)',
  `function getStaticMarketData() view returns ((address _address, uint256[] adapters, uint256 cooldownLength, ${STATIC_TOKEN}[] tokens)[] data)`,
  `function getDynamicMarketData() view returns ((address _address, ${DYNAMIC_TOKEN}[] tokens)[] data)`,
])
