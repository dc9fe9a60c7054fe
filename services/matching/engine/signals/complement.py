"""What is offered against what is needed, by their categories: technology, service, research, pilot, ..."""

from typing import Final

from services.matching.engine.signals.signal import Evidence
from services.matching.engine.types import Entry, Party
from shared.contracts.organisations import EntryKind

_OFFERS: Final[tuple[EntryKind, ...]] = (
    "technology", "service", "research", "pilot", "supply", "market", "investment", "staff",
)  # fmt: skip

# A row for each need, a column for each offer. The same category meets it wholly. Others meet it in part where one
# does in practice what the other is for, and speak against it where they answer another question.
_ROWS: Final[dict[EntryKind, tuple[float, ...]]] = {
    # A solution is bought, done as a service, developed with research, or part of a product.
    "technology": (1.0, 0.6, 0.5, 0.2, 0.4, -0.3, -0.5, 0.1),
    # Work is done by others, by a device, or by people one hires.
    "service": (0.4, 1.0, 0.3, 0.0, 0.3, -0.1, -0.6, 0.4),
    # Research needs heads and methods; money helps, goods and customers do not.
    "research": (0.4, 0.4, 1.0, 0.3, -0.2, -0.5, 0.2, 0.3),
    # A place to try something: first customers and partners who bring what is tried come close.
    "pilot": (0.3, 0.3, 0.3, 1.0, 0.0, 0.5, 0.2, -0.2),
    # Goods are wanted: only who makes or handles them can help.
    "supply": (0.2, 0.2, -0.4, -0.2, 1.0, 0.0, -0.7, -0.7),
    # Customers are wanted: a pilot is the first one, a service may sell; who sells goods itself seeks the same.
    "market": (-0.2, 0.4, -0.5, 0.6, -0.3, 1.0, 0.1, 0.0),
    # Money is wanted: customers and pilots bring the first of it.
    "investment": (-0.6, 0.1, -0.3, 0.3, -0.7, 0.3, 1.0, -0.6),
    # People are wanted: services lend them, universities train them.
    "staff": (-0.4, 0.4, 0.3, -0.3, -0.7, -0.5, -0.7, 1.0),
}
MEETS: Final[dict[tuple[EntryKind, EntryKind], float]] = {
    (need, offer): value for need, row in _ROWS.items() for offer, value in zip(_OFFERS, row, strict=True)
}
"""How well an offer of the second category meets a need of the first, in -1..1."""


def complement(seeker: Party, anchor: Entry, other: Party, met: Entry) -> Evidence:
    """Compare the categories of a need and an offer; ideas and summaries have none.

    Whoever is met by its summary alone could say what it offers.
    """
    del seeker, other
    if met.kind == "summary":
        return Evidence(0, ("state-offer",))
    need, offer = (anchor, met) if anchor.seeks else (met, anchor)
    if not need.seeks or offer.seeks or need.category is None or offer.category is None:
        return Evidence(0)
    return Evidence(MEETS.get((need.category, offer.category), 0))
