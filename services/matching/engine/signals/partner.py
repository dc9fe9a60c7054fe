"""Whom a side would like to meet, by kind and by size, against who the other is."""

from typing import Final

from services.matching.engine.signals.signal import Evidence
from services.matching.engine.types import Entry, Party
from shared.contracts.organisations import OrganisationKind, SizeClass

# Close to what was asked for, and by how much: a startup is a company, and many a young company works like one.
_NEARLY: Final[dict[tuple[OrganisationKind, OrganisationKind], float]] = {
    ("company", "startup"): 0.5,
    ("startup", "company"): -0.3,
    ("startup", "founder_centre"): 0.0,  # it knows some
    ("company", "cluster"): -0.3,
    ("research", "founder_centre"): -0.5,  # most belong to a university
    ("public_body", "cluster"): -0.5,
}
SIZES: Final[tuple[SizeClass, ...]] = ("micro", "small", "medium", "large")
"""By staff and turnover, Recommendation 2003/361/EC."""

_BY_STEPS: Final = (1.0, 0.0, -0.6, -1.0)
_ENTERPRISES: Final[frozenset[OrganisationKind | None]] = frozenset({"company", "startup", None})


def partner_kind(seeker: Party, anchor: Entry, other: Party, met: Entry) -> Evidence:
    """Say whether the other is of a kind that was asked for."""
    del seeker, met
    if not anchor.partner_kinds:
        return Evidence(0, ("name-partner-kinds",))
    if other.kind is None:
        return Evidence(0)
    return Evidence(max(_kind_fits(wanted, other.kind) for wanted in anchor.partner_kinds))


def partner_size(seeker: Party, anchor: Entry, other: Party, met: Entry) -> Evidence:
    """Say whether the other is as large as was asked for; the classes are those of enterprises, others have none."""
    del seeker, met
    if other.kind not in _ENTERPRISES:
        return Evidence(0)
    wanted = [size for size in anchor.partner_sizes if size in SIZES]
    if not wanted:
        return Evidence(0, ("name-partner-sizes",))
    if other.size not in SIZES:
        return Evidence(0, ("state-size",))
    at = SIZES.index(other.size)
    return Evidence(_BY_STEPS[min(abs(SIZES.index(size) - at) for size in wanted)])


def _kind_fits(wanted: OrganisationKind, had: OrganisationKind) -> float:
    return 1 if wanted == had else _NEARLY.get((wanted, had), -1)
