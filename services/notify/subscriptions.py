"""What notify reads: who there is, how they are reached, and which matches they have."""

from collections.abc import Callable, Sequence

from services.notify.community.projection import (
    project_contacts,
    project_matches,
    project_organisations,
    project_parties,
)
from shared.contracts import contacts, matches, organisations
from shared.runtime.consumer import Subscription


def subscriptions(applied: Callable[[], None]) -> Sequence[Subscription]:
    """Return the subscriptions; `applied` is called when a contact may be known that a mail waits for."""
    return (
        Subscription("organisations", organisations.TOPIC, organisations.EVENTS, project_organisations),
        Subscription("contacts", contacts.TOPIC, contacts.EVENTS, project_contacts, applied),
        Subscription("matches", matches.TOPIC, matches.EVENTS, project_matches),
        Subscription("parties", matches.PARTIES_TOPIC, matches.PARTIES_EVENTS, project_parties),
    )
