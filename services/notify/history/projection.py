"""From the events of all services to facts: one each, with ids, kinds, times and numbers, and no text.

Who posted an anonymous idea, or stays anonymous in a match, must not come out here. A fact of theirs is hidden: it
names only who never was anonymous in it, and `queries.py` links it by its correlation to hidden facts alone, since
the correlation would lead from a profile that changed to the idea of the same organisation.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from services.notify.history.facts import Fact, append
from shared.contracts.access import SigningKey, SigningKeyRetiredState
from shared.contracts.contacts import Contact
from shared.contracts.conversations import Conversation
from shared.contracts.envelope import PublicEvent, State
from shared.contracts.ideas import Idea, IdeaErasedState
from shared.contracts.matches import (
    CooperationReported,
    MatchParties,
    MatchPartiesErasedState,
    OutcomeRecorded,
    ProjectStarted,
)
from shared.contracts.registrations import Registration
from shared.runtime.database import Connection

_KINDS: Final = {
    "organisations": "organisation",
    "ideas": "idea",
    "contacts": "contact",
    "matches": "match",
    "parties": "match",
    "conversations": "conversation",
    "gatherings": "gathering",
    "registrations": "registration",
    "access": "account",
}

_OF_OUTCOMES: Final = (OutcomeRecorded, CooperationReported, ProjectStarted)
"""After these a side has just said what came of a match."""

_OF_KEYS: Final = (SigningKey, SigningKeyRetiredState)
"""What shares its topic with the accounts."""

# What the first fact of a match's parties named; who is not among them was anonymous once, and stays so here.
FIRST = """
    SELECT DISTINCT ON (subject) subject, refs FROM history
    WHERE subject = ANY($1::uuid[]) AND type = 'match-parties-set' AND hidden ORDER BY subject, epoch, version
"""


async def record(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write events down as facts."""
    await append(connection, [fact_of(event) for event in events])


async def record_parties(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write down who the parties of matches are: who was anonymous at first is never named."""
    rows = await connection.fetch(FIRST, [event.subject for event in events])
    named = {row["subject"]: set(row["refs"]) for row in rows}
    facts = []
    for event in sorted(events, key=lambda event: event.order):
        fact = fact_of(event)
        if fact.hidden:
            named.setdefault(fact.subject, set(fact.refs))
        if (known := named.get(fact.subject)) is not None:
            fact = replace(fact, hidden=True, refs=tuple(one for one in fact.refs if one in known))
        facts.append(fact)
    await append(connection, facts)


def fact_of(event: PublicEvent) -> Fact:
    """Return what the history holds of an event."""
    return Fact(
        id=event.id,
        service=event.source.strip("/"),
        kind="signing-key" if isinstance(event.data, _OF_KEYS) else _KINDS[event.topic.split(".")[1]],
        type=event.short_name().rpartition(".")[0],
        subject=event.subject,
        epoch=event.data.epoch,
        version=event.data.version,
        at=event.time,
        actor_kind=event.actorkind,
        correlation=event.correlationid,
        causation=event.causationid,
        code=_code(event),
        hidden=_is_hidden(event.data),
        refs=_refs(event.data),
    )


def _code(event: PublicEvent) -> str:
    """Return the word on an event: how somebody comes, or what the side that spoke last says came of a match."""
    if isinstance(event.data, Registration):
        return event.data.state
    if isinstance(event, _OF_OUTCOMES) and event.data.outcomes:
        return max(event.data.outcomes, key=lambda outcome: outcome.recorded_at).outcome
    return ""


def _is_hidden(data: State) -> bool:
    """Tell whether somebody in it wants to stay anonymous; of what was erased nobody knows any more."""
    if isinstance(data, MatchParties):
        return not all(party.disclosed for party in data.parties)
    if isinstance(data, Idea):
        return data.organisation_id is None
    return isinstance(data, IdeaErasedState | MatchPartiesErasedState)


def _refs(data: State) -> tuple[UUID, ...]:
    if isinstance(data, MatchParties):
        disclosed = (party.organisation_id for party in data.parties if party.disclosed)
        return (*disclosed, *([data.idea_id] if data.idea_id else ()))
    if isinstance(data, Idea):
        return (data.organisation_id,) if data.organisation_id else ()
    if isinstance(data, Conversation):
        return (data.match_id,)
    if isinstance(data, Contact):
        return (data.organisation_id,)
    if isinstance(data, Registration):
        return (data.gathering_id, data.organisation_id, *([data.contact_id] if data.contact_id else ()))
    return ()
