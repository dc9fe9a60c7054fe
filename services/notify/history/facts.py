"""Facts: what the history holds of one event, of other services or of our own."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.runtime.database import Connection

# In the order of ids: two that write the same facts wait for one another, never each for the other.
APPEND = """
    INSERT INTO history
    SELECT id, service, kind, type, subject, epoch, version, at, actor_kind, correlation, causation, code, hidden,
           string_to_array(refs, ' ')::uuid[]
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::int[], $7::bigint[],
                $8::timestamptz[], $9::text[], $10::uuid[], $11::uuid[], $12::text[], $13::bool[], $14::text[])
         AS one (id, service, kind, type, subject, epoch, version, at, actor_kind, correlation, causation, code,
                 hidden, refs)
    ORDER BY id
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Fact:
    """One event: ids, kinds, times and numbers.

    Attributes:
        id: of the event.
        service: that published it.
        kind: of its aggregate, as `idea`.
        type: what happened, as `idea-posted`.
        subject: id of its aggregate.
        epoch: with `version`, its place among the events of its aggregate.
        version: see `epoch`.
        at: when.
        actor_kind: who caused it, never which person.
        correlation: the first cause.
        causation: the direct cause.
        code: a word on it from a fixed list, as `waiting` of a registration; may be empty.
        hidden: whether somebody in it wants to stay anonymous.
        refs: the other aggregates that it names.
    """

    id: UUID
    service: str
    kind: str
    type: str
    subject: UUID
    epoch: int
    version: int
    at: datetime
    actor_kind: str
    correlation: UUID
    causation: UUID
    code: str = ""
    hidden: bool = False
    refs: tuple[UUID, ...] = ()


async def append(connection: Connection, facts: Sequence[Fact]) -> None:
    """Write facts down; one that is there already stays as it is."""
    if facts:
        rows = [astuple(replace(fact, refs=())) for fact in facts]
        refs = [" ".join(map(str, fact.refs)) for fact in facts]
        columns = list(zip(*rows, strict=True))
        await connection.execute(APPEND, *columns[:-1], refs)
