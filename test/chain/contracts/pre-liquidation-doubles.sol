// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;

struct MarketParams {
    address loanToken;
    address collateralToken;
    address oracle;
    address irm;
    uint256 lltv;
}

struct PreLiquidationParams {
    uint256 preLltv;
    uint256 preLCF1;
    uint256 preLCF2;
    uint256 preLIF1;
    uint256 preLIF2;
    address preLiquidationOracle;
}

interface IMorphoMarkets {
    function idToMarketParams(bytes32 id) external view returns (MarketParams memory);
}

/// Stands in for a pre-liquidation contract: tells its parameters and liquidates nothing.
contract PreLiquidationDouble {
    address public immutable MORPHO;
    bytes32 public immutable ID;

    MarketParams private market;
    PreLiquidationParams private params;

    constructor(address morpho, bytes32 id, PreLiquidationParams memory params_) {
        MORPHO = morpho;
        ID = id;
        market = IMorphoMarkets(morpho).idToMarketParams(id);
        params = params_;
    }

    function marketParams() external view returns (MarketParams memory) {
        return market;
    }

    function preLiquidationParams() external view returns (PreLiquidationParams memory) {
        return params;
    }
}

/// Stands in for the factory of pre-liquidation contracts. It checks no parameter.
contract PreLiquidationFactoryDouble {
    address public immutable MORPHO;
    mapping(address => bool) public isPreLiquidation;

    event CreatePreLiquidation(
        address indexed preLiquidation, bytes32 id, PreLiquidationParams preLiquidationParams
    );

    constructor(address morpho) {
        MORPHO = morpho;
    }

    function createPreLiquidation(bytes32 id, PreLiquidationParams calldata params) external returns (address) {
        address created = address(new PreLiquidationDouble(MORPHO, id, params));
        isPreLiquidation[created] = true;
        emit CreatePreLiquidation(created, id, params);
        return created;
    }
}
