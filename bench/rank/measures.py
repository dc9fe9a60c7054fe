"""Measures of rankings against the relevant ids, each the mean over queries."""

from collections.abc import Iterable, Mapping
from math import log2
from statistics import fmean
from typing import NamedTuple

from services.matching.engine import Ranking

_DEPTH = 10


class Measures(NamedTuple):
    """Recall at 10 as hits / min(relevant, 10), NDCG at 10, mean reciprocal rank, share of firsts that are right."""

    recall: float
    ndcg: float
    mrr: float
    first: float


def measure(rankings: Iterable[Ranking], relevant: Mapping[str, set[str]], itself: str = "") -> Measures:
    """Measure full rankings: the reciprocal rank looks at every place."""
    each = [
        _one(
            [entry.id for entry in ranking.ranked if entry.id != ranking.query + itself or not itself],
            relevant[ranking.query],
        )
        for ranking in rankings
    ]
    return mean(each)


def mean(measures: Iterable[Measures]) -> Measures:
    """Average each measure."""
    return Measures(*(fmean(values) for values in zip(*measures, strict=True)))


def _one(ids: list[str], relevant: set[str]) -> Measures:
    hits = [id_ in relevant for id_ in ids]
    possible = min(len(relevant), _DEPTH)
    gained = sum(1 / log2(place + 2) for place, hit in enumerate(hits[:_DEPTH]) if hit)
    ideal = sum(1 / log2(place + 2) for place in range(possible))
    return Measures(sum(hits[:_DEPTH]) / possible, gained / ideal, 1 / (1 + hits.index(True)), float(hits[0]))
