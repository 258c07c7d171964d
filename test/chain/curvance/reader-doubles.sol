// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;

import {CentralRegistryDouble, CTokenDouble, MarketManagerDouble, OracleManagerDouble} from "market-doubles.sol";

/// Stands in for the ProtocolReader, written from the description of what it answers.
/// A price with error code 2 or more counts as zero and only raises a flag: a bad feed of the collateral makes health
/// zero, a bad feed of the debt makes it the largest integer.
abstract contract HealthDouble {
    CentralRegistryDouble public immutable centralRegistry;

    struct Values {
        uint256 raw;
        uint256 soft;
        uint256 hard;
        uint256 owed;
        bool errorHit;
    }

    constructor(CentralRegistryDouble registry) {
        centralRegistry = registry;
    }

    function getPrice(address asset, bool inUSD, bool getLower) public view returns (uint256 price, uint256 code) {
        (price, code) = OracleManagerDouble(centralRegistry.oracleManager()).getPrice(asset, inUSD, getLower);
        if (code >= 2) price = 0;
    }

    /// What is asked hypothetically is ignored.
    function getPositionHealth(address mm, address account, address, address, bool, uint256, bool, uint256, uint256)
        public
        view
        returns (uint256, bool)
    {
        Values memory values = valuesOf(MarketManagerDouble(mm), account);
        return (healthOf(values, MarketManagerDouble(mm).AUCTION_BUFFER()), values.errorHit);
    }

    function liquidationValuesOf(address mm, address account, bool isAuction)
        external
        view
        returns (uint256 cSoft, uint256 cHard, uint256 debt, uint256 lFactor, bool errorHit)
    {
        Values memory values = valuesOf(MarketManagerDouble(mm), account);
        uint256 buffer = isAuction ? MarketManagerDouble(mm).AUCTION_BUFFER() : 10000;
        cSoft = values.soft * buffer / 10000;
        cHard = values.hard * buffer / 10000;
        debt = values.owed;
        errorHit = values.errorHit;
        if (debt > cSoft) lFactor = debt >= cHard ? 1e18 : up((debt - cSoft) * 1e18, cHard - cSoft);
    }

    function healthOf(Values memory values, uint256 buffer) internal pure returns (uint256) {
        if (values.owed == 0) return type(uint256).max;
        return values.soft * buffer / 10000 * 1e18 / values.owed;
    }

    function valuesOf(MarketManagerDouble mm, address account) internal view returns (Values memory values) {
        address[] memory inside = mm.assetsOf(account);
        for (uint256 i = 0; i < inside.length; i++) {
            CTokenDouble.AccountSnapshot memory held = CTokenDouble(inside[i]).getSnapshot(account);
            (uint256 price, uint256 code) = getPrice(held.underlying, true, held.isCollateral);
            if (code >= 2) values.errorHit = true;
            uint256 scale = 10 ** held.decimals;
            if (!held.isCollateral) {
                values.owed += up(held.debtBalance * price, scale);
                continue;
            }
            uint256 perShare = price * CTokenDouble(inside[i]).exchangeRate() / 1e18;
            uint256 worth = held.collateralPosted * perShare / scale;
            (, uint256 soft, uint256 hard) = mm.collConfig(inside[i]);
            values.raw += worth;
            values.soft += worth * 10000 / soft;
            values.hard += worth * 10000 / hard;
        }
    }

    function up(uint256 value, uint256 by) internal pure returns (uint256) {
        return value == 0 ? 0 : (value - 1) / by + 1;
    }

    struct DynamicMarketToken {
        address _address;
        uint256 totalSupply;
        uint256 exchangeRate;
        uint256 totalAssets;
        uint256 collateral;
        uint256 debt;
        uint256 sharePrice;
        uint256 assetPrice;
        uint256 sharePriceLower;
        uint256 assetPriceLower;
        uint256 borrowRate;
        uint256 predictedBorrowRate;
        uint256 utilizationRate;
        uint256 supplyRate;
        uint256 liquidity;
    }

    struct DynamicMarketData {
        address _address;
        DynamicMarketToken[] tokens;
    }

    function getDynamicMarketData() external view returns (DynamicMarketData[] memory data) {
        address[] memory managers = centralRegistry.marketManagers();
        data = new DynamicMarketData[](managers.length);
        for (uint256 i = 0; i < managers.length; i++) {
            address[] memory listed = MarketManagerDouble(managers[i]).queryTokensListed();
            data[i]._address = managers[i];
            data[i].tokens = new DynamicMarketToken[](listed.length);
            for (uint256 j = 0; j < listed.length; j++) {
                DynamicMarketToken memory token = data[i].tokens[j];
                token._address = listed[j];
                token.exchangeRate = CTokenDouble(listed[j]).exchangeRate();
                token.debt = CTokenDouble(listed[j]).marketOutstandingDebt();
                token.borrowRate = CTokenDouble(listed[j]).borrowRate();
                token.supplyRate = CTokenDouble(listed[j]).supplyRate();
                token.totalAssets = CTokenDouble(listed[j]).totalAssets();
                token.assetPrice = priceOrZero(CTokenDouble(listed[j]).asset());
                if (token.totalAssets == 0) continue;
                token.utilizationRate = token.debt * 1e18 / token.totalAssets;
                token.liquidity = token.totalAssets - token.debt;
            }
        }
    }

    /// Never fails for a bad feed.
    function priceOrZero(address asset) internal view returns (uint256) {
        try this.getPrice(asset, true, false) returns (uint256 price, uint256) {
            return price;
        } catch {
            return 0;
        }
    }

    struct StaticMarketAsset {
        address _address;
        string name;
        string symbol;
        uint8 decimals;
        uint256 totalSupply;
    }
}

/// The shapes that the official ABI has.
contract ProtocolReaderDouble is HealthDouble {
    struct Summary {
        address _address;
        uint256 collateral;
        uint256 maxDebt;
        uint256 debt;
        uint256 positionHealth;
        uint256 cooldown;
        bool errorCodeHit;
    }

    struct StaticMarketToken {
        address _address;
        string name;
        string symbol;
        uint8 decimals;
        StaticMarketAsset asset;
        uint256 collateralCap;
        uint256 debtCap;
        bool isListed;
        bool mintPaused;
        bool collateralizationPaused;
        bool borrowPaused;
        bool redeemPaused;
        bool isBorrowable;
        uint256 collRatio;
        uint256 maxLeverage;
        uint256 collReqSoft;
        uint256 collReqHard;
        uint256 liqIncBase;
        uint256 liqIncCurve;
        uint256 liqIncMin;
        uint256 liqIncMax;
        uint256 closeFactorBase;
        uint256 closeFactorCurve;
        uint256 closeFactorMin;
        uint256 closeFactorMax;
        uint256[2] adapters;
        uint256 irmTargetRate;
        uint256 irmMaxRate;
        uint256 irmTargetUtilization;
        uint256 interestFee;
    }

    struct StaticMarketData {
        address _address;
        uint256[] adapters;
        uint256 cooldownLength;
        StaticMarketToken[] tokens;
    }

    constructor(CentralRegistryDouble registry) HealthDouble(registry) {}

    function getMarketSummaries(address[] calldata markets, address account)
        external
        view
        returns (Summary[] memory summaries)
    {
        summaries = new Summary[](markets.length);
        for (uint256 i = 0; i < markets.length; i++) {
            MarketManagerDouble mm = MarketManagerDouble(markets[i]);
            Values memory values = valuesOf(mm, account);
            Summary memory summary = summaries[i];
            summary._address = markets[i];
            summary.collateral = values.raw;
            summary.debt = values.owed;
            summary.positionHealth = healthOf(values, mm.AUCTION_BUFFER());
            summary.cooldown = mm.accountAssets(account) + 20 minutes;
            summary.errorCodeHit = values.errorHit;
        }
    }

    function getStaticMarketData() external view returns (StaticMarketData[] memory data) {
        address[] memory managers = centralRegistry.marketManagers();
        data = new StaticMarketData[](managers.length);
        for (uint256 i = 0; i < managers.length; i++) {
            address[] memory listed = MarketManagerDouble(managers[i]).queryTokensListed();
            data[i]._address = managers[i];
            data[i].cooldownLength = 20 minutes;
            data[i].tokens = new StaticMarketToken[](listed.length);
            for (uint256 j = 0; j < listed.length; j++) {
                StaticMarketToken memory token = data[i].tokens[j];
                token._address = listed[j];
                token.name = CTokenDouble(listed[j]).name();
                token.symbol = CTokenDouble(listed[j]).symbol();
                token.asset._address = CTokenDouble(listed[j]).asset();
                token.asset.symbol = "a token whose symbol is longer than one word";
                (token.collRatio, token.collReqSoft, token.collReqHard) =
                    MarketManagerDouble(managers[i]).collConfig(listed[j]);
            }
        }
    }
}

/// A later ProtocolReader whose structs have one field more, in the middle: old shapes decode it to wrong numbers.
contract GrownProtocolReaderDouble is HealthDouble {
    struct Summary {
        address _address;
        uint256 addedLater;
        uint256 collateral;
        uint256 maxDebt;
        uint256 debt;
        uint256 positionHealth;
        uint256 cooldown;
        bool errorCodeHit;
    }

    struct StaticMarketToken {
        address _address;
        string name;
        string symbol;
        uint8 decimals;
        StaticMarketAsset asset;
        uint256 collateralCap;
        uint256 debtCap;
        uint256 addedLater;
        bool[6] flags;
        uint256[12] numbers;
        uint256[2] adapters;
        uint256[4] rates;
    }

    struct StaticMarketData {
        address _address;
        uint256[] adapters;
        uint256 cooldownLength;
        StaticMarketToken[] tokens;
    }

    /// Static data may keep its shape while summaries grow.
    bool public immutable staticToo;

    constructor(CentralRegistryDouble registry, bool staticToo_) HealthDouble(registry) {
        staticToo = staticToo_;
    }

    function getMarketSummaries(address[] calldata markets, address account)
        external
        view
        returns (Summary[] memory summaries)
    {
        summaries = new Summary[](markets.length);
        for (uint256 i = 0; i < markets.length; i++) {
            MarketManagerDouble mm = MarketManagerDouble(markets[i]);
            Values memory values = valuesOf(mm, account);
            Summary memory summary = summaries[i];
            summary._address = markets[i];
            summary.collateral = values.raw;
            summary.debt = values.owed;
            summary.positionHealth = healthOf(values, mm.AUCTION_BUFFER());
        }
    }

    function getStaticMarketData() external view returns (StaticMarketData[] memory data) {
        if (!staticToo) return data;
        address[] memory managers = centralRegistry.marketManagers();
        data = new StaticMarketData[](managers.length);
        for (uint256 i = 0; i < managers.length; i++) {
            address[] memory listed = MarketManagerDouble(managers[i]).queryTokensListed();
            data[i]._address = managers[i];
            data[i].tokens = new StaticMarketToken[](listed.length);
            for (uint256 j = 0; j < listed.length; j++) data[i].tokens[j]._address = listed[j];
        }
    }
}
