"""What notify reads: all that the others tell, as it is now, and once more as what happened, for the history."""

from collections.abc import Callable, Sequence

from services.notify.community.projection import (
    project_contacts,
    project_conversations,
    project_gatherings,
    project_ideas,
    project_matches,
    project_organisations,
    project_parties,
    project_registrations,
)
from services.notify.history.projection import record, record_parties
from shared.contracts import access, contacts, conversations, gatherings, ideas, matches, organisations, registrations
from shared.runtime.access import project_access
from shared.runtime.consumer import Subscription


def subscriptions(applied: Callable[[], None]) -> Sequence[Subscription]:
    """Return the subscriptions; `applied` is called when a contact may be known that a mail waits for."""
    return (
        Subscription("organisations", organisations.TOPIC, organisations.EVENTS, project_organisations),
        Subscription("contacts", contacts.TOPIC, contacts.EVENTS, project_contacts, applied),
        Subscription("matches", matches.TOPIC, matches.EVENTS, project_matches),
        Subscription("parties", matches.PARTIES_TOPIC, matches.PARTIES_EVENTS, project_parties),
        Subscription("conversations", conversations.TOPIC, conversations.EVENTS, project_conversations),
        Subscription("ideas", ideas.TOPIC, ideas.EVENTS, project_ideas),
        Subscription("gatherings", gatherings.TOPIC, gatherings.EVENTS, project_gatherings),
        Subscription("registrations", registrations.TOPIC, registrations.EVENTS, project_registrations),
        Subscription("access", access.TOPIC, access.EVENTS, project_access),
        *_history(),
    )


def _history() -> Sequence[Subscription]:
    return (
        Subscription("history-organisations", organisations.TOPIC, organisations.EVENTS, record, every=True),
        Subscription("history-ideas", ideas.TOPIC, ideas.EVENTS, record, every=True),
        Subscription("history-contacts", contacts.TOPIC, contacts.EVENTS, record, every=True),
        Subscription("history-matches", matches.TOPIC, matches.EVENTS, record, every=True),
        Subscription("history-parties", matches.PARTIES_TOPIC, matches.PARTIES_EVENTS, record_parties, every=True),
        Subscription("history-conversations", conversations.TOPIC, conversations.EVENTS, record, every=True),
        Subscription("history-gatherings", gatherings.TOPIC, gatherings.EVENTS, record, every=True),
        Subscription("history-access", access.TOPIC, access.EVENTS, record, every=True),
        Subscription("history-registrations", registrations.TOPIC, registrations.EVENTS, record, every=True),
    )
