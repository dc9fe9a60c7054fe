"""All events, so that documents, topics and tests can be derived from the classes."""

from typing import Final

from shared.contracts import access, contacts, conversations, gatherings, ideas, matches, organisations, registrations
from shared.contracts.envelope import PublicEvent

EVENTS: Final[tuple[type[PublicEvent], ...]] = (
    *organisations.EVENTS,
    *ideas.EVENTS,
    *ideas.OWNER_EVENTS,
    *contacts.EVENTS,
    *matches.EVENTS,
    *matches.PARTIES_EVENTS,
    *conversations.EVENTS,
    *gatherings.EVENTS,
    *registrations.EVENTS,
    *access.EVENTS,
)

TOPICS: Final = tuple(dict.fromkeys(event.topic for event in EVENTS))
