"""What a signal is: one thing that two parties said, compared for one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from services.matching.engine.types import Entry, Party

Hint: TypeAlias = Literal[
    "name-industries",
    "name-languages",
    "name-partner-kinds",
    "name-partner-regions",
    "name-partner-sizes",
    "name-purity",
    "name-readiness",
    "name-region",
    "name-substance-cas",
    "state-industries",
    "state-languages",
    "state-offer",
    "state-purity",
    "state-readiness",
    "state-region",
    "state-size",
    "state-substance-cas",
]
"""What would make a comparison surer: `name-` is for the side that is asked first, `state-` for the other one."""

Name: TypeAlias = Literal[
    "complement",
    "cross-cluster",
    "flow",
    "industry",
    "language",
    "nearness",
    "partner-kind",
    "partner-region",
    "partner-size",
    "readiness",
]
"""The signals."""

Part: TypeAlias = Literal["texts", "sentences", "words", "demand", "helpful", "similarity"]
"""What else a direction's score is made of: what each channel of texts adds, and what they come to."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well one side meets what the other said, from 1 (all of it) to -1 (against it); 0: nothing is known."""

    value: float
    missing: tuple[Hint, ...] = ()


Weigh: TypeAlias = Callable[[Party, Entry, Party, Entry], Evidence]
"""(seeker, anchor, other, met): does the other with what meets the anchor fit what the seeker said?

Asked the other way round, (other, met, seeker, anchor), it is evidence for the other side's yes.
"""


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal by name; `weight` is added to the log-odds of a direction for each unit of evidence.

    `reason` is the kind of reason that it gives, None if it only moves the score.
    """

    name: Name
    weigh: Weigh
    weight: float
    reason: Literal["complement", "readiness", "region", "topic"] | None = None
