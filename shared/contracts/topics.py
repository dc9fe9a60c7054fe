"""Topics: what their keys are, how long they are kept, and who may read them."""

from dataclasses import dataclass
from typing import Final, Literal

from shared.contracts import access, contacts, conversations, gatherings, ideas, matches, organisations, registrations

Reader = Literal["matching", "events", "notify", "integrators"]
Retention = Literal["compacted", "for ever"]


@dataclass(frozen=True)
class Topic:
    """One topic. Its name ends in its major version; its records are ordered per key.

    Attributes:
        publisher: the one service that writes it.
        about: what its records tell, for people.
        key: what a record's key is; always equal to the event's `subject`.
        kept: `compacted` keeps the last record of each key, `for ever` keeps all.
        readers: who is granted access. Some of them are still to come.
    """

    name: str
    publisher: Literal["profiles", "matching", "events"]
    about: str
    key: str
    kept: Retention
    readers: tuple[Reader, ...]


TOPICS: Final = (
    Topic(
        name=organisations.TOPIC,
        publisher="profiles",
        about="Who takes part, what they need and offer, and what they consent to.",
        key="id of the organisation",
        kept="compacted",
        readers=("matching", "events", "notify"),
    ),
    Topic(
        name=ideas.TOPIC,
        publisher="profiles",
        about="What people look for or want to try. An anonymous idea names no owner and no cluster.",
        key="id of the idea",
        kept="compacted",
        readers=("matching", "events", "notify"),
    ),
    Topic(
        name=ideas.OWNERS_TOPIC,
        publisher="profiles",
        about="Which organisation is behind an idea, for every idea. Private to matching.",
        key="id of the idea",
        kept="compacted",
        readers=("matching",),
    ),
    Topic(
        name=contacts.TOPIC,
        publisher="profiles",
        about="How to reach the people of an organisation. Private; no other topic and no stream holds this.",
        key="id of the contact",
        kept="compacted",
        readers=("events", "notify"),
    ),
    Topic(
        name=matches.TOPIC,
        publisher="matching",
        about="Who should meet whom, and why: ids, codes and positions in texts; no name, no free text.",
        key="id of the match",
        kept="for ever",
        readers=("events", "notify", "integrators"),
    ),
    Topic(
        name=matches.PARTIES_TOPIC,
        publisher="matching",
        about="Which organisation is which party of a match. Private.",
        key="id of the match",
        kept="compacted",
        readers=("events", "notify"),
    ),
    Topic(
        name=conversations.TOPIC,
        publisher="matching",
        about="How many messages the sides of a match have not read: ids and counts, nothing of what is said. Private.",
        key="id of the conversation",
        kept="compacted",
        readers=("notify",),
    ),
    Topic(
        name=gatherings.TOPIC,
        publisher="events",
        about="Where and when people meet.",
        key="id of the gathering",
        kept="compacted",
        readers=("matching", "notify", "integrators"),
    ),
    Topic(
        name=registrations.TOPIC,
        publisher="events",
        about="Which organisation comes to which gathering. Ids only, and private.",
        key="id of the registration",
        kept="compacted",
        readers=("notify",),
    ),
    Topic(
        name=access.TOPIC,
        publisher="profiles",
        about="What each account may do, and the public keys of sessions. Private; ids and digests only.",
        key="id of the account or of the key",
        kept="compacted",
        readers=("matching", "events", "notify"),
    ),
)
