"""Where one can go from every page, by role. The one place where the services' front doors stand side by side."""

from dataclasses import dataclass
from typing import Final

from shared.runtime.access import Actor, Role


@dataclass(frozen=True)
class Entry:
    """A link of the navigation, and for whom it is."""

    label: str
    path: str
    roles: frozenset[Role]


_EVERYONE: Final[frozenset[Role]] = frozenset({"member", "manager", "operator", "integrator"})

NAVIGATION: Final = (
    Entry("Ideas", "/profiles/ideas", _EVERYONE),
    Entry("Organisations", "/profiles/organisations", _EVERYONE),
    Entry("My matches", "/matching/matches", frozenset({"member", "manager"})),
    Entry("Gatherings", "/events/gatherings", _EVERYONE),
    Entry("History", "/notify/history", frozenset({"manager", "operator"})),
)


def entries_for(actor: Actor | None) -> tuple[Entry, ...]:
    """Return what somebody can go to; nobody sees anything before signing in."""
    return tuple(entry for entry in NAVIGATION if actor is not None and actor.role in entry.roles)
