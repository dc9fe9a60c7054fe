"""What notify knows of the others, as the newest events say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from shared.contracts.contacts import Contact
from shared.contracts.conversations import Conversation
from shared.contracts.envelope import State
from shared.contracts.matches import Match, MatchParties
from shared.contracts.organisations import Organisation
from shared.runtime.database import Connection

StateT = TypeVar("StateT", bound=State)

ORGANISATIONS = "SELECT id, epoch, version, erased, doc FROM organisation WHERE id = ANY($1)"
MATCH = "SELECT id, epoch, version, erased, doc FROM match WHERE id = $1"
PARTIES = "SELECT id, epoch, version, erased, doc FROM parties WHERE id = $1"
CONVERSATION = "SELECT id, epoch, version, erased, doc FROM conversation WHERE (doc ->> 'match_id')::uuid = $1"
CONTACT = "SELECT doc FROM contact WHERE (doc ->> 'organisation_id')::uuid = $1 AND NOT erased ORDER BY id LIMIT 1"


@dataclass(frozen=True)
class Known(Generic[StateT]):
    """How far an aggregate is known: its `(epoch, version)`, and its state unless it was erased."""

    order: tuple[int, int]
    state: StateT | None


async def organisations(connection: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Known[Organisation]]:
    """Return what is known of organisations; those that nobody told of yet are missing."""
    rows = await connection.fetch(ORGANISATIONS, list(ids))
    return {row["id"]: _known(row, Organisation) for row in rows}


async def match(connection: Connection, match_id: UUID) -> Known[Match] | None:
    """Return what is known of a match, None before it was told of."""
    row = await connection.fetchrow(MATCH, match_id)
    return _known(row, Match) if row else None


async def parties(connection: Connection, match_id: UUID) -> Known[MatchParties] | None:
    """Return who the parties of a match are, None before it was told."""
    row = await connection.fetchrow(PARTIES, match_id)
    return _known(row, MatchParties) if row else None


async def conversation(connection: Connection, match_id: UUID) -> Known[Conversation] | None:
    """Return how much the sides of a match have to read, None before anybody wrote and after a side was erased."""
    row = await connection.fetchrow(CONVERSATION, match_id)
    return _known(row, Conversation) if row else None


async def contact(connection: Connection, organisation_id: UUID) -> Contact | None:
    """Return whom to reach at an organisation today, None if nobody is known."""
    doc = await connection.fetchval(CONTACT, organisation_id)
    return Contact.model_validate_json(doc) if doc else None


def _known(row: Any, model: type[StateT]) -> Known[StateT]:
    state = None if row["erased"] else model.model_validate_json(row["doc"])
    return Known((row["epoch"], row["version"]), state)
