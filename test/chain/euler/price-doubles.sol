// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;

// Doubles of what Buoy reads of Euler v2, written from a description of its behaviour. They lend nothing and move no tokens:
// anybody may set anything, because they live on throw-away chains only. They are put in place without a constructor, so
// everything they know is set by a call.

/// Says what tokens are worth, and fails in every way a price oracle can. Also routes single tokens to an adapter.
contract PriceOracleDouble {
    enum Mode {
        Fine,
        RevertWithData,
        RevertEmpty
    }

    string public constant name = "EulerRouter";
    Mode public mode;
    bytes public revertData;
    /// Worth of `scale` smallest units.
    mapping(address => uint256) public price;
    mapping(address => uint256) public scale;
    mapping(address => address) public adapter;

    function setPrice(address base, uint256 price_, uint256 scale_) external {
        price[base] = price_;
        scale[base] = scale_;
    }

    function setMode(Mode mode_, bytes calldata revertData_) external {
        mode = mode_;
        revertData = revertData_;
    }

    function setAdapter(address base, address adapter_) external {
        adapter[base] = adapter_;
    }

    function resolveOracle(uint256 amount, address base, address quote)
        external
        view
        returns (uint256, address, address, address)
    {
        return (amount, base, quote, adapter[base] == address(0) ? address(this) : adapter[base]);
    }

    function getQuote(uint256 amount, address base, address quote) external view returns (uint256) {
        if (mode == Mode.RevertEmpty) revert();
        if (mode == Mode.RevertWithData) {
            bytes memory data = revertData;
            assembly {
                revert(add(data, 32), mload(data))
            }
        }
        if (adapter[base] != address(0)) return PythAdapterDouble(adapter[base]).getQuote(amount, base, quote);
        return scale[base] == 0 ? 0 : (amount * price[base]) / scale[base];
    }
}

/// Prices that somebody has to write before they can be read.
contract PythDouble {
    mapping(bytes32 => uint256) public price;
    mapping(bytes32 => uint256) public writtenAt;
    uint256 public feeEach;

    error PriceTooExpensive();

    function setFee(uint256 fee) external {
        feeEach = fee;
    }

    function getUpdateFee(bytes[] calldata updates) external view returns (uint256) {
        return feeEach * updates.length;
    }

    function updatePriceFeeds(bytes[] calldata updates) external payable {
        if (msg.value < feeEach * updates.length) revert PriceTooExpensive();
        for (uint256 i = 0; i < updates.length; i++) {
            (bytes32 feed, uint256 newPrice) = abi.decode(updates[i], (bytes32, uint256));
            price[feed] = newPrice;
            writtenAt[feed] = block.timestamp;
        }
    }
}

/// One token priced by a feed, unless the feed is too old: then it refuses as the switch says.
contract PythAdapterDouble {
    error PriceOracle_TooStale(uint256 staleness, uint256 maxStaleness);
    error PriceOracle_InvalidAnswer();

    string public constant name = "PythOracle";
    PythDouble public pyth;
    bytes32 public feedId;
    uint256 public scale;
    uint256 public maxAge;
    bool public tellsAge;

    function init(PythDouble pyth_, bytes32 feedId_, uint256 scale_, uint256 maxAge_, bool tellsAge_) external {
        pyth = pyth_;
        feedId = feedId_;
        scale = scale_;
        maxAge = maxAge_;
        tellsAge = tellsAge_;
    }

    function getQuote(uint256 amount, address, address) external view returns (uint256) {
        uint256 age = block.timestamp - pyth.writtenAt(feedId);
        if (age > maxAge && tellsAge) revert PriceOracle_TooStale(age, maxAge);
        if (age > maxAge) revert PriceOracle_InvalidAnswer();
        return (amount * pyth.price(feedId)) / scale;
    }
}

/// Chains two adapters, as far as their addresses are asked for.
contract CrossAdapterDouble {
    string public constant name = "CrossAdapter";
    address public oracleBaseCross;
    address public oracleCrossQuote;

    function init(address first, address second) external {
        oracleBaseCross = first;
        oracleCrossQuote = second;
    }

    function getQuote(uint256 amount, address base, address quote) external view returns (uint256) {
        return PythAdapterDouble(oracleBaseCross).getQuote(amount, base, quote);
    }
}
