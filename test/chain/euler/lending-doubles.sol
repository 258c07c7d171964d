// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;

import "price-doubles.sol";

/// Who owns an account, what secures it and who lends to it.
contract EvcDouble {
    struct Item {
        address targetContract;
        address onBehalfOfAccount;
        uint256 value;
        bytes data;
    }

    struct ItemResult {
        bool success;
        bytes result;
    }

    struct CheckResult {
        address checkedAddress;
        bool isValid;
        bytes result;
    }

    event OwnerRegistered(bytes19 indexed addressPrefix, address indexed owner);
    event ControllerStatus(address indexed account, address indexed controller, bool enabled);
    event CollateralStatus(address indexed account, address indexed collateral, bool enabled);
    event AccountStatusCheck(address indexed account, address indexed controller);

    error NotTheOwner();
    error NotEnoughValue();
    error TooManyCollaterals();
    error Undone(bytes results);

    mapping(bytes19 => address) private owners;
    mapping(address => address[]) private controllers;
    mapping(address => address[]) private collaterals;

    receive() external payable {}

    function register(address owner) public {
        if (owners[prefix(owner)] != address(0)) return;
        owners[prefix(owner)] = owner;
        emit OwnerRegistered(prefix(owner), owner);
    }

    function setController(address owner, address account, address vault, bool on) external {
        register(owner);
        change(controllers[account], vault, on);
        emit ControllerStatus(account, vault, on);
        emit AccountStatusCheck(account, vault);
    }

    function setCollateral(address owner, address account, address vault, bool on) external {
        register(owner);
        change(collaterals[account], vault, on);
        if (collaterals[account].length > 10) revert TooManyCollaterals();
        emit CollateralStatus(account, vault, on);
    }

    function getAccountOwner(address account) external view returns (address) {
        return owners[prefix(account)];
    }

    function getControllers(address account) external view returns (address[] memory) {
        return controllers[account];
    }

    function getCollaterals(address account) external view returns (address[] memory) {
        return collaterals[account];
    }

    function batchSimulation(Item[] calldata items)
        external
        payable
        returns (ItemResult[] memory results, CheckResult[] memory, CheckResult[] memory)
    {
        try this.runAndUndo(items, msg.sender) {
            revert();
        } catch (bytes memory reason) {
            if (bytes4(reason) != Undone.selector) {
                assembly {
                    revert(add(reason, 32), mload(reason))
                }
            }
            bytes memory inner = new bytes(reason.length - 4);
            for (uint256 i = 4; i < reason.length; i++) inner[i - 4] = reason[i];
            results = abi.decode(abi.decode(inner, (bytes)), (ItemResult[]));
        }
    }

    /// Always fails, which is what undoes it; the failure carries the results out.
    function runAndUndo(Item[] calldata items, address caller) external {
        ItemResult[] memory results = new ItemResult[](items.length);
        for (uint256 i = 0; i < items.length; i++) {
            address account = items[i].onBehalfOfAccount;
            address owner = owners[prefix(account)];
            bool ownerCalls = prefix(account) == prefix(caller) && (owner == address(0) || owner == caller);
            if (items[i].targetContract != caller && !ownerCalls) revert NotTheOwner();
            if (items[i].value > address(this).balance) revert NotEnoughValue();
            (results[i].success, results[i].result) =
                items[i].targetContract.call{value: items[i].value}(items[i].data);
        }
        revert Undone(abi.encode(results));
    }

    function prefix(address account) private pure returns (bytes19) {
        return bytes19(bytes20(account));
    }

    function change(address[] storage list, address item, bool on) private {
        for (uint256 i = 0; i < list.length; i++) {
            if (list[i] != item) continue;
            if (on) return;
            list[i] = list[list.length - 1];
            list.pop();
            return;
        }
        if (on) list.push(item);
    }
}

/// Counts loans as a vault does. Deposits and debts are entries in a book.
contract VaultDouble {
    struct Ltv {
        uint16 borrowLtv;
        uint16 liquidationLtv;
        uint16 initialLiquidationLtv;
        uint48 targetTimestamp;
        uint32 rampDuration;
    }

    error E_NoLiability();
    error E_NotController();
    error E_TransientState();
    error E_NoPriceOracle();

    event GovSetLTV(
        address indexed collateral,
        uint16 borrowLTV,
        uint16 liquidationLTV,
        uint16 initialLiquidationLTV,
        uint48 targetTimestamp,
        uint32 rampDuration
    );
    event Liquidate(
        address indexed liquidator, address indexed violator, address collateral, uint256 repayAssets, uint256 yieldBalance
    );

    EvcDouble public evc;
    address public asset;
    address public unitOfAccount;
    PriceOracleDouble public oracle;
    string public symbol;
    uint8 public decimals;
    uint256 public assetsPerShareWad;
    uint256 public interestRate;
    uint16 public interestFee;
    uint256 public cash;
    uint256 public totalBorrows;
    uint16 private supplyCap;
    mapping(address => uint256) public balanceOf;
    mapping(address => uint256) public debtOf;
    mapping(address => Ltv) public LTVFull;

    function init(
        EvcDouble evc_,
        address asset_,
        address unitOfAccount_,
        PriceOracleDouble oracle_,
        string calldata symbol_,
        uint8 decimals_
    ) external {
        evc = evc_;
        asset = asset_;
        unitOfAccount = unitOfAccount_;
        oracle = oracle_;
        symbol = symbol_;
        decimals = decimals_;
        assetsPerShareWad = 1e18;
    }

    function setRates(uint256 interestRate_, uint16 interestFee_, uint256 cash_, uint256 totalBorrows_) external {
        interestRate = interestRate_;
        interestFee = interestFee_;
        cash = cash_;
        totalBorrows = totalBorrows_;
    }

    /// As Euler packs it: the low six bits are a power of ten, the others hundredths; zero is no cap.
    function setSupplyCap(uint16 packed) external {
        supplyCap = packed;
    }

    function caps() external view returns (uint16, uint16) {
        return (supplyCap, 0);
    }

    function setAssetsPerShare(uint256 wad) external {
        assetsPerShareWad = wad;
    }

    function setDebt(address account, uint256 assets) external {
        debtOf[account] = assets;
    }

    function setLtv(address collateral, uint16 borrowLtv, uint16 liquidationLtv, uint32 rampDuration) external {
        uint16 before = LTVLiquidation(collateral);
        uint48 end = uint48(block.timestamp + rampDuration);
        LTVFull[collateral] = Ltv(borrowLtv, liquidationLtv, before, end, rampDuration);
        emit GovSetLTV(collateral, borrowLtv, liquidationLtv, before, end, rampDuration);
    }

    function deposit(uint256 assets, address account) external {
        balanceOf[account] += (assets * 1e18) / assetsPerShareWad;
    }

    function repay(uint256 assets, address account) external {
        debtOf[account] -= assets;
    }

    function liquidate(address violator, VaultDouble collateral, uint256 repayAssets, uint256 yieldBalance) external {
        debtOf[violator] -= repayAssets;
        collateral.seize(violator, yieldBalance);
        emit Liquidate(msg.sender, violator, address(collateral), repayAssets, yieldBalance);
    }

    function seize(address account, uint256 shares) external {
        balanceOf[account] -= shares;
    }

    function convertToAssets(uint256 shares) public view returns (uint256) {
        return (shares * assetsPerShareWad) / 1e18;
    }

    function LTVBorrow(address collateral) public view returns (uint16) {
        return LTVFull[collateral].borrowLtv;
    }

    /// On its way down it is a straight line; a raise counts at once.
    function LTVLiquidation(address collateral) public view returns (uint16) {
        Ltv memory ltv = LTVFull[collateral];
        if (block.timestamp >= ltv.targetTimestamp || ltv.initialLiquidationLtv <= ltv.liquidationLtv) {
            return ltv.liquidationLtv;
        }
        uint256 left = uint256(ltv.targetTimestamp) - block.timestamp;
        uint256 above = uint256(ltv.initialLiquidationLtv) - ltv.liquidationLtv;
        return uint16(ltv.liquidationLtv + (above * left) / ltv.rampDuration);
    }

    function accountLiquidity(address account, bool liquidation)
        external
        view
        returns (uint256 collateralValue, uint256 liabilityValue)
    {
        uint256[] memory values;
        (, values, liabilityValue) = accountLiquidityFull(account, liquidation);
        for (uint256 i = 0; i < values.length; i++) collateralValue += values[i];
    }

    function accountLiquidityFull(address account, bool liquidation)
        public
        view
        returns (address[] memory enabled, uint256[] memory values, uint256 liabilityValue)
    {
        address[] memory lenders = evc.getControllers(account);
        if (lenders.length > 1) revert E_TransientState();
        if (lenders.length == 0) revert E_NoLiability();
        if (lenders[0] != address(this)) revert E_NotController();
        if (address(oracle) == address(0)) revert E_NoPriceOracle();
        enabled = evc.getCollaterals(account);
        values = new uint256[](enabled.length);
        for (uint256 i = 0; i < enabled.length; i++) {
            uint256 ltv = liquidation ? LTVLiquidation(enabled[i]) : LTVBorrow(enabled[i]);
            if (ltv == 0) continue;
            uint256 shares = VaultDouble(enabled[i]).balanceOf(account);
            if (shares == 0) continue;
            values[i] = (oracle.getQuote(shares, enabled[i], unitOfAccount) * ltv) / 10_000;
        }
        uint256 debt = debtOf[account];
        if (debt > 0) liabilityValue = asset == unitOfAccount ? debt : oracle.getQuote(debt, asset, unitOfAccount);
    }
}

/// Shares of an asset that anybody may have made collateral: no oracle, no unit of account, nothing lent.
contract AssetOnlyDouble {
    address public asset;
    uint8 public decimals;
    uint256 private held;

    function init(address asset_, uint8 decimals_, uint256 held_) external {
        asset = asset_;
        decimals = decimals_;
        held = held_;
    }

    /// Everybody holds as much.
    function balanceOf(address) external view returns (uint256) {
        return held;
    }

    function convertToAssets(uint256 shares) external pure returns (uint256) {
        return shares;
    }
}

/// Knows which vaults it made.
contract FactoryDouble {
    uint256 public getProxyListLength;
    mapping(address => bool) public isProxy;

    function add(address vault) external {
        isProxy[vault] = true;
        getProxyListLength++;
    }
}

/// Vouches for vaults.
contract PerspectiveDouble {
    address[] private verified;

    function add(address vault) external {
        verified.push(vault);
    }

    function verifiedArray() external view returns (address[] memory) {
        return verified;
    }
}
