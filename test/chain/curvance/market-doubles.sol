// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// Stands in for the registry: a list of managers and the oracle, both settable by anybody.
contract CentralRegistryDouble {
    address[] private managers;
    address public oracleManager;

    function setOracleManager(address oracle) external {
        oracleManager = oracle;
    }

    function addMarketManager(address manager) external {
        managers.push(manager);
    }

    function removeMarketManager(address manager) external {
        for (uint256 i = 0; i < managers.length; i++) {
            if (managers[i] != manager) continue;
            managers[i] = managers[managers.length - 1];
            managers.pop();
            return;
        }
    }

    function marketManagers() external view returns (address[] memory) {
        return managers;
    }
}

/// Stands in for the oracle: two prices and an error code per asset, or a revert.
contract OracleManagerDouble {
    struct Feed {
        uint256 lower;
        uint256 upper;
        uint256 errorCode;
        bool failing;
    }

    mapping(address => Feed) public feeds;

    function setFeed(address asset, Feed calldata feed) external {
        feeds[asset] = feed;
    }

    function getPrice(address asset, bool, bool getLower) external view returns (uint256, uint256) {
        Feed memory feed = feeds[asset];
        require(!feed.failing, "feed fails");
        return (getLower ? feed.lower : feed.upper, feed.errorCode);
    }
}

/// Stands in for an isolated market manager: it lists tokens, keeps who is in which, and holds an account for 20 minutes.
contract MarketManagerDouble {
    struct Requirements {
        uint256 ratio;
        uint256 soft;
        uint256 hard;
    }

    struct TokenConfig {
        address cToken;
        uint256 collRatio;
        uint256 collReqSoft;
        uint256 collReqHard;
        uint256 liqIncBase;
        uint256 liqIncHard;
        uint256 liqIncMin;
        uint256 liqIncMax;
        uint256 closeFactorBase;
        uint256 closeFactorMin;
        uint256 closeFactorMax;
        uint256 collateralCap;
        uint256 debtCap;
    }

    uint256 public immutable AUCTION_BUFFER;
    uint256 public constant MIN_HOLD_PERIOD = 20 minutes;
    uint256 public constant MIN_LOAN_SIZE = 10e18;
    uint8 public redeemPaused = 1;
    uint8 public liquidationPaused = 1;

    address[] private tokens;
    mapping(address => Requirements) public collConfig;
    mapping(address => uint256) public collateralCaps;
    mapping(address => bool) public isListed;
    mapping(address => bool[3]) private paused;
    mapping(address => address[]) private entered;
    mapping(address => uint256) public accountAssets;

    event PositionUpdated(address cToken, address account, bool open);
    event TokenListed(address cToken);
    event TokenConfigUpdated(TokenConfig config);

    constructor(uint256 buffer) {
        AUCTION_BUFFER = buffer;
    }

    function list(address cToken) external {
        tokens.push(cToken);
        isListed[cToken] = true;
        collateralCaps[cToken] = type(uint128).max;
        emit TokenListed(cToken);
    }

    function configure(address cToken, Requirements calldata requirements) external {
        collConfig[cToken] = requirements;
        TokenConfig memory config;
        config.cToken = cToken;
        config.collReqSoft = requirements.soft;
        emit TokenConfigUpdated(config);
    }

    /// In shares.
    function setCollateralCap(address cToken, uint256 cap) external {
        collateralCaps[cToken] = cap;
    }

    function canCollateralize(address cToken, address, uint256 newNetCollateral) external view {
        require(newNetCollateral <= collateralCaps[cToken], "cap reached");
    }

    function pause(address cToken, bool adding, bool borrowing) external {
        paused[cToken] = [adding, adding, borrowing];
    }

    function pauseAll(uint8 redeem, uint8 liquidation) external {
        redeemPaused = redeem;
        liquidationPaused = liquidation;
    }

    function actionsPaused(address cToken) external view returns (bool, bool, bool) {
        return (paused[cToken][0], paused[cToken][1], paused[cToken][2]);
    }

    function queryTokensListed() external view returns (address[] memory) {
        return tokens;
    }

    function assetsOf(address account) external view returns (address[] memory) {
        return entered[account];
    }

    /// Only for listed tokens: enters or leaves a position, and starts the hold.
    function update(address account, bool inside, bool hold) external {
        require(isListed[msg.sender], "not listed");
        if (hold) accountAssets[account] = block.timestamp;
        address[] storage list_ = entered[account];
        for (uint256 i = 0; i < list_.length; i++) {
            if (list_[i] != msg.sender) continue;
            if (inside) return;
            list_[i] = list_[list_.length - 1];
            list_.pop();
            emit PositionUpdated(msg.sender, account, false);
            return;
        }
        if (!inside) return;
        list_.push(msg.sender);
        emit PositionUpdated(msg.sender, account, true);
    }

    function requireFree(address account) external view {
        require(accountAssets[account] + MIN_HOLD_PERIOD <= block.timestamp, "minimum hold period");
    }
}

/// Stands in for a cToken. Shares are kept as posted collateral only; the exchange rate is set, debts bear no interest.
contract CTokenDouble {
    address public immutable asset;
    uint8 public immutable decimals;
    bool public immutable isBorrowable;
    MarketManagerDouble public immutable marketManager;

    string public name = "Curvance double";
    string public symbol = "cDOUBLE";
    uint256 public exchangeRate = 1e18;
    uint256 public totalSupply;
    uint256 public marketOutstandingDebt;
    uint256 public marketCollateralPosted;
    uint256 public borrowRate;
    uint256 public supplyRate;
    uint256 public totalAssets;
    mapping(address => uint256) public balanceOf;
    mapping(address => uint256) public collateralPosted;
    mapping(address => uint256) private debts;

    struct AccountSnapshot {
        address asset;
        address underlying;
        uint8 decimals;
        bool isCollateral;
        uint256 collateralPosted;
        uint256 debtBalance;
    }

    event Borrow(uint256 assets, uint256 debtAssetsOwed, address account);
    event Repay(uint256 assets, uint256 debtAssetsOwed, address payer, address account);
    event CollateralUpdated(uint256 shares, bool increased, address account);
    event Liquidated(uint256 shares, address liquidator, address account);

    constructor(MarketManagerDouble manager, address asset_, uint8 decimals_, bool borrowable) {
        marketManager = manager;
        asset = asset_;
        decimals = decimals_;
        isBorrowable = borrowable;
    }

    function setExchangeRate(uint256 rate) external {
        exchangeRate = rate;
    }

    function setRates(uint256 borrowing, uint256 supplying) external {
        borrowRate = borrowing;
        supplyRate = supplying;
    }

    function setTotals(uint256 assets, uint256 lent) external {
        totalAssets = assets;
        marketOutstandingDebt = lent;
    }

    /// What only a test can do: shares that nobody posted as collateral, with no tokens.
    function setLent(address account, uint256 shares) external {
        balanceOf[account] = shares;
    }

    /// Like the real one, a token that nobody can borrow has no such function.
    function debtBalance(address account) external view returns (uint256) {
        require(isBorrowable, "not borrowable");
        return debts[account];
    }

    function getSnapshot(address account) external view returns (AccountSnapshot memory) {
        uint256 owed = debts[account];
        return AccountSnapshot(address(this), asset, decimals, owed == 0, collateralPosted[account], owed);
    }

    /// What only a test can do: sets shares and debt of many accounts at once, with no tokens, checks or hold.
    function put(address[] calldata accounts, uint256[] calldata shares, uint256[] calldata owed) external {
        for (uint256 i = 0; i < accounts.length; i++) {
            marketCollateralPosted = marketCollateralPosted + shares[i] - collateralPosted[accounts[i]];
            collateralPosted[accounts[i]] = shares[i];
            debts[accounts[i]] = owed[i];
            marketManager.update(accounts[i], shares[i] + owed[i] > 0, false);
        }
    }

    function depositAsCollateral(uint256 assets, address receiver) external returns (uint256 shares) {
        IToken(asset).transferFrom(msg.sender, address(this), assets);
        shares = (assets * 1e18) / exchangeRate;
        totalSupply += shares;
        marketManager.canCollateralize(address(this), receiver, marketCollateralPosted + shares);
        collateralPosted[receiver] += shares;
        marketCollateralPosted += shares;
        marketManager.update(receiver, true, true);
        emit CollateralUpdated(shares, true, receiver);
    }

    function removeCollateral(uint256 shares) external {
        marketManager.requireFree(msg.sender);
        collateralPosted[msg.sender] -= shares;
        marketCollateralPosted -= shares;
        marketManager.update(msg.sender, collateralPosted[msg.sender] > 0, false);
        emit CollateralUpdated(shares, false, msg.sender);
    }

    function borrow(uint256 assets, address receiver) external {
        require(isBorrowable, "not borrowable");
        debts[msg.sender] += assets;
        marketOutstandingDebt += assets;
        marketManager.update(msg.sender, true, true);
        IToken(asset).transfer(receiver, assets);
        emit Borrow(assets, debts[msg.sender], msg.sender);
    }

    /// Zero means everything.
    function repay(uint256 assets) external {
        marketManager.requireFree(msg.sender);
        if (assets == 0) assets = debts[msg.sender];
        IToken(asset).transferFrom(msg.sender, address(this), assets);
        debts[msg.sender] -= assets;
        marketManager.update(msg.sender, debts[msg.sender] > 0, false);
        emit Repay(assets, debts[msg.sender], msg.sender, msg.sender);
    }

    /// Takes shares away as a liquidation of this collateral does. It checks nothing and settles no debt.
    function seize(uint256 shares, address account) external {
        collateralPosted[account] -= shares;
        marketCollateralPosted -= shares;
        marketManager.update(account, collateralPosted[account] > 0, false);
        emit Liquidated(shares, msg.sender, account);
    }
}
