"""What the tests of the runtime are about: things that change and are erased, and counters that are added to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Final, Literal
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer, ConsumerRecord

from shared.contracts.envelope import Erased, PublicEvent, State, schema_uri, sequence, traceparent
from shared.runtime.codec import Record
from shared.runtime.commands import Aggregate, Change
from shared.runtime.database import Connection
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.projection import upsert
from shared.runtime.publication import Cause, Publication
from shared.runtime.refusals import Refused

TOPIC: Final = "test.things.v1"
MIGRATIONS: Final = Path(__file__).parent / "migrations"


class Thing(State):
    thing_id: UUID
    text: str = ""


class ThingGone(Erased):
    thing_id: UUID


class ThingChanged(PublicEvent):
    topic: ClassVar[str] = TOPIC
    source: Literal["/test"] = "/test"
    type: Literal["innovationsmotor.thing-changed.v1"] = "innovationsmotor.thing-changed.v1"
    data: Thing


class ThingErased(PublicEvent):
    topic: ClassVar[str] = TOPIC
    source: Literal["/test"] = "/test"
    type: Literal["innovationsmotor.thing-erased.v1"] = "innovationsmotor.thing-erased.v1"
    data: ThingGone


EVENTS: Final = (ThingChanged, ThingErased)


def changed(
    thing_id: UUID, version: int, *, epoch: int = 1, text: str = "", time: datetime | None = None
) -> ThingChanged:
    data = Thing(epoch=epoch, version=version, thing_id=thing_id, text=text)
    return ThingChanged(data=data, **_envelope(ThingChanged, data, thing_id, time))


def erased(thing_id: UUID, version: int, *, epoch: int = 1, time: datetime | None = None) -> ThingErased:
    data = ThingGone(epoch=epoch, version=version, thing_id=thing_id)
    return ThingErased(data=data, **_envelope(ThingErased, data, thing_id, time))


def _envelope(event: type[PublicEvent], data: State, thing_id: UUID, time: datetime | None) -> dict[str, Any]:
    cause = uuid4()
    return {
        "id": uuid4(),
        "subject": thing_id,
        "time": time or datetime.now(UTC),
        "dataschema": schema_uri(event),
        "sequence": sequence(data.epoch, data.version),
        "traceparent": traceparent(cause, cause),
        "correlationid": cause,
        "causationid": cause,
        "actorkind": "system",
    }


def key_of(event: PublicEvent) -> bytes:
    return str(event.subject).encode()


def value_of(event: PublicEvent) -> bytes:
    return event.model_dump_json().encode()


def record(
    event: PublicEvent | bytes | None,
    *,
    key: bytes | None = None,
    offset: int = 0,
    partition: int = 0,
    topic: str = TOPIC,
    headers: Sequence[tuple[str, Any]] = (),
) -> Record:
    value = value_of(event) if isinstance(event, PublicEvent) else event
    if isinstance(event, PublicEvent) and key is None:
        key = key_of(event)
    return ConsumerRecord(*(topic, partition, offset, 0, 0, key, value, None, 0, 0, headers))


async def project(connection: Connection, events: Sequence[PublicEvent]) -> None:
    await upsert(connection, "thing", events)


async def send(bootstrap: str, topic: str, events: Iterable[PublicEvent | tuple[bytes | None, bytes | None]]) -> None:
    """Send events in order, or key and value as they are."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=4 * 1024 * 1024) as kafka:
        futures = []
        for event in events:
            key, value = event if isinstance(event, tuple) else (key_of(event), value_of(event))
            futures.append(await kafka.send(topic, value, key))
        for future in futures:
            await future


@dataclass(frozen=True)
class Add:
    amount: int
    text: str = ""


class Added(DomainEvent):
    stored_as: ClassVar[str] = "added.v1"
    amount: int
    text: str = ""


@dataclass(frozen=True)
class Count:
    total: int = 0
    text: str = ""


def decide(command: Add, state: Count) -> Sequence[DomainEvent]:
    if state.total + command.amount > 1_000:
        raise Refused("too-much", "It would be more than 1,000. Add less.")
    return [Added(amount=command.amount, text=command.text)] if command.amount else []


def evolve(state: Count, event: DomainEvent) -> Count:
    assert isinstance(event, Added)
    return Count(state.total + event.amount, event.text)


async def project_count(connection: Connection, change: Change[Count]) -> None:
    await connection.execute(
        "INSERT INTO count VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET total = excluded.total",
        *(change.id, change.state.total),
    )


def counter(topic: str = TOPIC) -> Aggregate[Add, Count]:
    """Counters that are published on a topic."""
    event = type("ThingChangedThere", (ThingChanged,), {"topic": topic, "__module__": __name__})

    def publish(change: Change[Count]) -> Sequence[Publication]:
        data = Thing(epoch=change.epoch, version=change.public_version, thing_id=change.id, text=change.state.text)
        return [Publication(event, change.id, data)]

    return Aggregate(Decider("counter", (Added,), Count(), decide, evolve), project_count, publish)


def cause(actor: str = "anna") -> Cause:
    return Cause(actor, "member", uuid4(), uuid4())
