"""All signals with their weights, and what comes of them together."""

from collections.abc import Collection, Mapping
from typing import Final

from services.matching.engine.signals.cluster import cross_cluster
from services.matching.engine.signals.complement import complement
from services.matching.engine.signals.flows import flow
from services.matching.engine.signals.industry import industry
from services.matching.engine.signals.language import language
from services.matching.engine.signals.partner import partner_kind, partner_size
from services.matching.engine.signals.readiness import readiness
from services.matching.engine.signals.region import nearness, partner_region
from services.matching.engine.signals.signal import Evidence, Hint, Signal
from services.matching.engine.types import Entry, Party

# Weights are set by reasoning, so that all of them together move a fair match by about two in log-odds (from .5 to
# .1 or .9), and none of them alone lifts a pair whose texts have nothing to do with each other.
SIGNALS: Final = (
    # An investor is no answer to who needs a technology, however alike the texts; but categories blur in practice.
    Signal("complement", complement, 0.5, "complement"),
    # Too early is a frequent reason to say no; levels are estimates, one more or less.
    Signal("readiness", readiness, 0.5, "readiness"),
    # An explicit wish, easily told; those who state it mean it.
    Signal("partner-kind", partner_kind, 0.6),
    # A wish as well, but classes meet at a hair, and size changes little about what somebody can do.
    Signal("partner-size", partner_size, 0.3),
    # An explicit wish; a good solution from elsewhere is often welcome all the same.
    Signal("partner-region", partner_region, 0.5, "region"),
    # People meet more easily nearby: among equals it decides, it does not make a match.
    Signal("nearness", nearness, 0.3, "region"),
    # Those of one industry speak the same way, but innovation often comes from another.
    Signal("industry", industry, 0.3, "topic"),
    # Without a common language little comes about; an interpreter or a colleague may still help.
    Signal("language", language, 0.4),
    # One's output is another's input: a reason to talk whatever the texts are about.
    Signal("flow", flow, 0.8),
    # What the two clusters are brought together for: preferred among equals, never over a better fit.
    Signal("cross-cluster", cross_cluster, 0.2),
)

_DIGITS: Final = 2

NAMES: Final = frozenset(signal.name for signal in SIGNALS)
WEIGHTS: Final[Mapping[str, float]] = {signal.name: signal.weight for signal in SIGNALS}


def evidence(
    seeker: Party, anchor: Entry, other: Party, met: Entry, without: Collection[str] = ()
) -> dict[str, Evidence]:
    """Return what every signal says, by name; those named in `without` are left out.

    Raises:
        ValueError: `without` names a signal that there is not.
    """
    if unknown := set(without) - NAMES:
        raise ValueError(f"no such signals: {sorted(unknown)}")
    found = {signal.name: signal.weigh(seeker, anchor, other, met) for signal in SIGNALS if signal.name not in without}
    # Two digits are what anybody means, and all that a stored value may tell of where somebody is.
    return {name: Evidence(round(one.value, _DIGITS), one.missing) for name, one in found.items()}


def log_odds(found: Mapping[str, Evidence], weights: Mapping[str, float] = WEIGHTS) -> float:
    """Return what the evidence adds to the log-odds of a direction."""
    return sum(weights[name] * one.value for name, one in found.items())


def hints(found: Mapping[str, Evidence], weights: Mapping[str, float] = WEIGHTS) -> tuple[Hint, ...]:
    """Return what would make the comparison surer, each once, that which may move it most first."""
    order = sorted(found, key=lambda name: (-abs(weights[name]), name))
    return tuple(dict.fromkeys(hint for name in order for hint in found[name].missing))
