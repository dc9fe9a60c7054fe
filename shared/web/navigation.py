"""Where one can go from every page, by role. The one place where the services' front doors stand side by side."""

from dataclasses import dataclass
from typing import Final

from shared.runtime.access import Actor, Role
from shared.runtime.refusals import Message


@dataclass(frozen=True)
class Entry:
    """A link of the navigation, and for whom it is."""

    label: Message
    path: str
    roles: frozenset[Role]


_EVERYONE: Final[frozenset[Role]] = frozenset({"member", "manager", "operator", "integrator"})

NAVIGATION: Final = (
    Entry(Message("Home"), "/notify/home", _EVERYONE),
    Entry(Message("Cockpit"), "/matching/cockpit", frozenset({"manager"})),
    Entry(Message("Ideas"), "/profiles/ideas", _EVERYONE),
    Entry(Message("Organisations"), "/profiles/organisations", _EVERYONE),
    Entry(Message("My matches"), "/matching/matches", frozenset({"member", "manager"})),
    Entry(Message("Gatherings"), "/events/gatherings", _EVERYONE),
    Entry(Message("Surveys"), "/profiles/surveys", frozenset({"manager"})),
    Entry(Message("Reports"), "/profiles/reports", frozenset({"manager"})),
    Entry(Message("Accounts"), "/profiles/accounts", frozenset({"manager", "operator"})),
    Entry(Message("History"), "/notify/history", frozenset({"manager", "operator"})),
)


def entries_for(actor: Actor | None) -> tuple[Entry, ...]:
    """Return what somebody can go to; nobody sees anything before signing in."""
    return tuple(entry for entry in NAVIGATION if actor is not None and actor.role in entry.roles)
