// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;

/// A price oracle with the reading interface that Morpho expects and two switches for tests.
/// Anybody may turn them: it lives on throw-away chains only.
contract SettableTestOracle {
    error OracleFailing();

    /// How much of the loan token one smallest unit of collateral is worth, times 1e36.
    uint256 public settablePrice;
    bool public failing;

    constructor(uint256 price_) {
        settablePrice = price_;
    }

    function setPrice(uint256 price_) external {
        settablePrice = price_;
    }

    function setFailing(bool failing_) external {
        failing = failing_;
    }

    function price() external view returns (uint256) {
        if (failing) revert OracleFailing();
        return settablePrice;
    }
}
