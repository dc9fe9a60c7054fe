"""All that is compared besides texts: each signal one small module, each can be left out by its name.

Signals give evidence for one direction of a pair of entries.
"""

from services.matching.engine.signals.registry import NAMES, SIGNALS, WEIGHTS, evidence, hints, log_odds
from services.matching.engine.signals.signal import Evidence, Hint, Signal, Weigh

__all__ = [
    "NAMES",
    "SIGNALS",
    "WEIGHTS",
    "Evidence",
    "Hint",
    "Signal",
    "Weigh",
    "evidence",
    "hints",
    "log_odds",
]
