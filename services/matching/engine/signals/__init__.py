"""All that is compared besides texts: each signal one small module, each can be left out by its name.

Signals give evidence for one direction of a pair of entries. Flows are compared on their own: a pair of them is
what a match can rest on, as a need and an offer are.
"""

from services.matching.engine.signals.flows import FlowFit, best_flows, flow_fit
from services.matching.engine.signals.registry import NAMES, SIGNALS, WEIGHTS, evidence, hints, log_odds
from services.matching.engine.signals.signal import Evidence, Hint, Signal, Weigh
from services.matching.engine.signals.substance_index import SubstanceIndex

__all__ = [
    "NAMES",
    "SIGNALS",
    "WEIGHTS",
    "Evidence",
    "FlowFit",
    "Hint",
    "Signal",
    "SubstanceIndex",
    "Weigh",
    "best_flows",
    "evidence",
    "flow_fit",
    "hints",
    "log_odds",
]
