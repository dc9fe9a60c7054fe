"""What the tests look at: the log, and the records that wait to be sent."""

from typing import Any, Final

from pydantic import TypeAdapter

from shared.contracts import contacts, ideas, organisations
from shared.contracts.envelope import PublicEvent
from shared.runtime.database import Pool

_EVENTS: Final = {
    event.type_name(): TypeAdapter[PublicEvent](event)
    for event in (*organisations.EVENTS, *ideas.EVENTS, *ideas.OWNER_EVENTS, *contacts.EVENTS)
}


async def outbox(pool: Pool) -> list[Any]:
    """Return the queued records in their order, each checked against its contract, topic and key."""
    events = []
    for row in await pool.fetch("SELECT topic, key, value FROM outbox ORDER BY position"):
        name = next(name for name in _EVENTS if f'"{name}"'.encode() in row["value"])
        event = _EVENTS[name].validate_json(row["value"])
        assert (row["topic"], row["key"]) == (event.topic, event.subject)
        events.append(event)
    return events


async def versions(pool: Pool, stream: str) -> list[int]:
    """Return the versions of a stream."""
    rows = await pool.fetch("SELECT version FROM event WHERE stream = $1 ORDER BY version", stream)
    return [row["version"] for row in rows]
