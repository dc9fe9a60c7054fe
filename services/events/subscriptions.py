"""What this service reads: who takes part, whom to reach, who agreed to meet."""

from collections.abc import Callable, Sequence

from services.events.community.projection import (
    project_contacts,
    project_matches,
    project_organisations,
    project_parties,
)
from shared.contracts import access, contacts, matches, organisations
from shared.runtime.access import project_access
from shared.runtime.consumer import Subscription


def subscriptions(applied: Callable[[], None]) -> Sequence[Subscription]:
    """Return the subscriptions; `applied` is called when something new was written about organisations."""
    return (
        Subscription("organisations", organisations.TOPIC, organisations.EVENTS, project_organisations, applied),
        Subscription("contacts", contacts.TOPIC, contacts.EVENTS, project_contacts),
        Subscription("matches", matches.TOPIC, matches.EVENTS, project_matches),
        Subscription("parties", matches.PARTIES_TOPIC, matches.PARTIES_EVENTS, project_parties),
        Subscription("access", access.TOPIC, access.EVENTS, project_access),
    )
