from math import log

import pytest

from services.matching.engine.statistics import Statistics


def test_rare_features_weigh_more_and_unknown_ones_most() -> None:
    statistics = Statistics.learn(["water sensor", "water pump", "water"])
    assert statistics.texts == 3
    assert statistics.idf("#water") == 1
    assert statistics.idf("#sensor") == pytest.approx(log(4 / 2) + 1)
    assert statistics.idf("#unseen") == pytest.approx(log(4) + 1)


def test_snapshot_names_the_content() -> None:
    texts = ["water sensor", "Grundwasser"]
    assert Statistics.learn(texts).snapshot == Statistics.learn(texts[::-1]).snapshot
    assert Statistics.learn(texts).snapshot != Statistics.learn(texts[:1]).snapshot


def test_a_text_that_is_repeated_counts_once() -> None:
    assert Statistics.learn(["water"] * 3) == Statistics.learn(["water"])


def test_statistics_are_sealed() -> None:
    with pytest.raises(TypeError):
        Statistics.learn(["water"]).frequencies["#water"] = 9  # type: ignore[index]  # that is the point
