import { Interface } from 'ethers'

const CHECKS = '(address checkedAddress, bool isValid, bytes result)[]'

/** The Ethereum Vault Connector: accounts, their collaterals and their lender. */
export const evcAbi = new Interface([
  'function getCollaterals(address account) view returns (address[])',
  'function getControllers(address account) view returns (address[])',
  'function getAccountOwner(address account) view returns (address)',
  `function batchSimulation((address targetContract, address onBehalfOfAccount, uint256 value, bytes data)[] items) payable returns ((bool success, bytes result)[] batchItemsResult, ${CHECKS} accountsStatusCheckResult, ${CHECKS} vaultsStatusCheckResult)`,
  'event ControllerStatus(address indexed account, address indexed controller, bool enabled)',
  'event CollateralStatus(address indexed account, address indexed collateral, bool enabled)',
  'event AccountStatusCheck(address indexed account, address indexed controller)',
])

/** A vault: lends its asset, and its shares can be collateral elsewhere. Also the errors that a read of it can end with. */
export const vaultAbi = new Interface([
  'function accountLiquidity(address account, bool liquidation) view returns (uint256 collateralValue, uint256 liabilityValue)',
  'function accountLiquidityFull(address account, bool liquidation) view returns (address[] collaterals, uint256[] collateralValues, uint256 liabilityValue)',
  'function debtOf(address account) view returns (uint256)',
  'function balanceOf(address account) view returns (uint256)',
  'function convertToAssets(uint256 shares) view returns (uint256)',
  'function asset() view returns (address)',
  'function unitOfAccount() view returns (address)',
  'function oracle() view returns (address)',
  'function LTVLiquidation(address collateral) view returns (uint16)',
  'function LTVFull(address collateral) view returns (uint16 borrowLTV, uint16 liquidationLTV, uint16 initialLiquidationLTV, uint48 targetTimestamp, uint32 rampDuration)',
  'function interestRate() view returns (uint256)',
  'function interestFee() view returns (uint16)',
  'function cash() view returns (uint256)',
  'function totalBorrows() view returns (uint256)',
  'function caps() view returns (uint16 supplyCap, uint16 borrowCap)',
  'event GovSetLTV(address indexed collateral, uint16 borrowLTV, uint16 liquidationLTV, uint16 initialLiquidationLTV, uint48 targetTimestamp, uint32 rampDuration)',
  'event Liquidate(address indexed liquidator, address indexed violator, address collateral, uint256 repayAssets, uint256 yieldBalance)',
  'error E_NoLiability()',
  'error E_NotController()',
  'error E_TransientState()',
  'error E_NoPriceOracle()',
  'error E_Reentrancy()',
  'error E_EmptyError()',
])

/** Errors of price oracles, which pass through a vault unchanged. */
export const oracleErrors = new Interface([
  'error PriceOracle_TooStale(uint256 staleness, uint256 maxStaleness)',
  'error PriceOracle_InvalidAnswer()',
  'error PriceOracle_NotSupported(address base, address quote)',
  'error PriceOracle_Overflow()',
])

export const factoryAbi = new Interface([
  'function getProxyListLength() view returns (uint256)',
  'function isProxy(address proxy) view returns (bool)',
])

/** A list of vaults that somebody vouches for. */
export const perspectiveAbi = new Interface(['function verifiedArray() view returns (address[])'])

export const oracleAbi = new Interface([
  'function getQuote(uint256 inAmount, address base, address quote) view returns (uint256 outAmount)',
])

export const multicallAbi = new Interface(['function getEthBalance(address addr) view returns (uint256)'])

/** Euler's oracle router and its adapters, as far as the way to a Pyth feed leads through them. */
export const routerAbi = new Interface([
  'function resolveOracle(uint256 inAmount, address base, address quote) view returns (uint256 resolvedAmount, address resolvedBase, address resolvedQuote, address oracle)',
  'function name() view returns (string)',
  'function feedId() view returns (bytes32)',
  'function pyth() view returns (address)',
  'function oracleBaseCross() view returns (address)',
  'function oracleCrossQuote() view returns (address)',
])

export const pythAbi = new Interface([
  'function getUpdateFee(bytes[] updateData) view returns (uint256 feeAmount)',
  'function updatePriceFeeds(bytes[] updateData) payable',
])
