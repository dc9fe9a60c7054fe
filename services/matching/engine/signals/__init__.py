"""All that is compared besides texts: each signal one small module, each can be left out by its name."""

from services.matching.engine.signals.signal import Evidence, Hint, Signal, Weigh

SIGNALS: tuple[Signal, ...] = ()

__all__ = ["SIGNALS", "Evidence", "Hint", "Signal", "Weigh"]
