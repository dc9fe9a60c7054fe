"""Flows against flows: what comes out of one party goes into another."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from math import exp, isfinite, log, log10
from typing import Final, TypeGuard

from services.matching.engine.signals.amounts import is_amount, magnitude, outwards
from services.matching.engine.signals.identity import Substance, Substances, alike, identify
from services.matching.engine.signals.places import Spot, distance
from services.matching.engine.signals.signal import Evidence, Hint
from services.matching.engine.types import Entry, Flow, Party

# How much each part decides; the substance is a factor of its own. The score is their weighted geometric mean, so
# that none can make up for one that rules the flow out.
_SHARES: Final = {"amount": 0.4, "purity": 0.3, "distance": 0.3}
# What counts for a part of which nothing is known: less than a fit, more than a misfit.
_UNKNOWN: Final = {"amount": 0.5, "purity": 0.5, "distance": 0.4}
_UNASKED: Final = 0.8  # for purity, of which who takes the flow said nothing: most of what is enough for others

_FURTHEST: Final = 600.0  # km at which a fit by distance is halved for the smallest flows
_GAP: Final = 20.0  # points of purity that are lacking, at which about a third is left
_TIMES: Final = 0.15  # ten times more of what is not the substance leaves 0.7
_NEAREST: Final = 20  # flows of a substance, nearest in amount, that are compared with one
_TRACE: Final = 0.01  # points: purities are not told apart any finer


@dataclass(frozen=True, slots=True)
class FlowFit:
    """How well one's output serves as the other's input, in 0..1, and by which parts; the km if they are known."""

    mine: Flow
    theirs: Flow
    score: float
    parts: tuple[tuple[str, float], ...]
    km: float | None
    missing: tuple[Hint, ...]


def flow_fit(mine: Flow, theirs: Flow, km: float | None) -> FlowFit | None:
    """Compare two flows this far apart; None if they go the same way or are not the same substance.

    The score grows with each part, and each part with what it measures: nearer in amount, purer, closer.
    """
    first, second = identified(mine), identified(theirs)
    same = alike(first, second) if mine.direction != theirs.direction else 0.0
    if not same:
        return None
    source, sink = (mine, theirs) if mine.direction == "out" else (theirs, mine)
    known = {
        "amount": amount_fit(source.tonnes, sink.tonnes),
        "purity": purity_fit(source.purity, sink.purity),
        "distance": distance_fit(km, max(filter(is_amount, (mine.tonnes, theirs.tonnes)), default=0.0)),
    }
    assumed = _UNKNOWN if _is_percent(sink.purity) else _UNKNOWN | {"purity": _UNASKED}
    parts = {name: assumed[name] if value is None else value for name, value in known.items()}
    score = same
    for name, value in parts.items():
        score *= value ** _SHARES[name]
    missing = _missing(mine, theirs, known, by_number=bool(first.number and second.number))
    return FlowFit(mine, theirs, score, (("substance", same), *parts.items()), km, missing)


def amount_fit(had: float, wanted: float) -> float | None:
    """Return how well two amounts in tonnes a year fit, 1 if they are the same; None if one is no amount.

    A tenth of what is wanted counts half: the rest must come from elsewhere. Of too much it takes a hundred times
    for that, since a part can be taken, but whoever wants to be rid of it has the rest left.
    """
    if not (is_amount(had) and is_amount(wanted)):
        return None
    over = log10(had) - log10(wanted)
    return 1 / (1 + (over / 2 if over > 0 else over) ** 2)


def purity_fit(had: float | None, wanted: float | None) -> float | None:
    """Return how well a purity in percent serves: 1 if it is enough, less by what it lacks.

    Both the points that it lacks count (30 for 37 percent) and how many times more there is besides (99 for 99.99).
    None if one is unknown.
    """
    if not (_is_percent(had) and _is_percent(wanted)):
        return None
    gap = max(0.0, wanted - had)
    times = (100 - had + _TRACE) / (100 - wanted + _TRACE)
    return exp(-gap / _GAP - _TIMES * log(max(1.0, times)))


def distance_fit(km: float | None, tonnes: float) -> float | None:
    """Return how well a distance in km serves a flow of so many tonnes a year; None if it is unknown.

    It is halved again and again, every 600 km for some kilograms, 200 km for a hundred tonnes, 100 km for 100,000:
    what moves in bulk is worth little by the tonne and does not travel far.
    """
    if km is None or not isfinite(km):
        return None
    return float(2 ** (-max(km, 0.0) * (1 + log10(1 + tonnes)) / _FURTHEST))


def flow(seeker: Party, _anchor: Entry, other: Party, _met: Entry) -> Evidence:
    """Say how well the best pair of flows fits; it only ever speaks for a pair."""
    fits = best_flows(seeker, other)
    return Evidence(fits[0].score, fits[0].missing) if fits else Evidence(0)


def best_flows(seeker: Party, other: Party) -> list[FlowFit]:
    """Return the flows of two parties that fit, best first; each flow is used once, by its best fit."""
    fits = sorted(_fits(seeker, other), key=lambda fit: (-fit.score, fit.mine.id, fit.theirs.id))
    used: set[tuple[str, str]] = set()
    found = []
    for fit in fits:
        ends = {("mine", fit.mine.id), ("theirs", fit.theirs.id)}
        if not ends & used:
            found.append(fit)
            used |= ends
    return found


def _fits(seeker: Party, other: Party) -> Iterable[FlowFit]:
    # By substance first, so that parties with hundreds of flows do not compare each with each.
    theirs: dict[Substance, list[Flow]] = {}
    for flow in sorted(other.flows, key=_magnitude):
        theirs.setdefault(identified(flow), []).append(flow)
    substances = Substances(theirs)
    for mine in seeker.flows:
        here = Spot.of_flow(mine, seeker)
        for substance in substances.like(identified(mine)):
            opposite = (
                flow
                for flow in outwards(theirs[substance], _magnitude(mine), _magnitude)
                if flow.direction != mine.direction
            )
            for flow in islice(opposite, _NEAREST):
                fit = flow_fit(mine, flow, distance(here, Spot.of_flow(flow, other)))
                if fit:
                    yield fit


def _magnitude(flow: Flow) -> float:
    return magnitude(flow.tonnes)


def identified(flow: Flow) -> Substance:
    """Return which substance a flow is."""
    return identify(flow.substance, flow.cas)


def _missing(mine: Flow, theirs: Flow, known: dict[str, float | None], *, by_number: bool) -> tuple[Hint, ...]:
    found: list[Hint] = []
    if not by_number:
        found += ["name-substance-cas"] if not identified(mine).number else []
        found += ["state-substance-cas"] if not identified(theirs).number else []
    if known["purity"] is None:
        found += ["name-purity"] if not _is_percent(mine.purity) else []
        found += ["state-purity"] if not _is_percent(theirs.purity) else []
    if known["distance"] is None:
        found += ["name-region"] if mine.region is None else []
        found += ["state-region"] if theirs.region is None else []
    return tuple(found)


def _is_percent(purity: float | None) -> TypeGuard[float]:
    return purity is not None and isfinite(purity) and 0 < purity <= 100  # noqa: PLR2004
