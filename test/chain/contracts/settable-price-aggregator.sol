// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;

/// A price feed with the reading interface of a Chainlink aggregator and three switches for tests.
/// Anybody may turn them: it lives on throw-away chains only.
contract SettablePriceAggregator {
    error FeedFailing();

    uint8 public constant decimals = 8;
    string public description;

    /// The price of the outside world: moves even while the feed is frozen.
    int256 public marketAnswer;
    bool public frozen;
    bool public failing;

    int256 private answer;
    uint256 private updatedAt;
    uint80 private round;

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    constructor(string memory description_, int256 answer_) {
        description = description_;
        marketAnswer = answer_;
        publish();
    }

    function setAnswer(int256 answer_) external {
        marketAnswer = answer_;
        if (!frozen) publish();
    }

    /// A thawed feed catches up with the market at once.
    function setFrozen(bool frozen_) external {
        bool thaws = frozen && !frozen_;
        frozen = frozen_;
        if (thaws) publish();
    }

    function setFailing(bool failing_) external {
        failing = failing_;
    }

    function latestAnswer() external view returns (int256) {
        requireWorking();
        return answer;
    }

    function latestTimestamp() external view returns (uint256) {
        requireWorking();
        return updatedAt;
    }

    function latestRound() external view returns (uint256) {
        requireWorking();
        return round;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        requireWorking();
        return (round, answer, updatedAt, updatedAt, round);
    }

    function publish() private {
        round += 1;
        answer = marketAnswer;
        updatedAt = block.timestamp;
        emit AnswerUpdated(answer, round, updatedAt);
    }

    function requireWorking() private view {
        if (failing) revert FeedFailing();
    }
}
