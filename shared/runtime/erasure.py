"""Erasure: an append-only log forgets what people wrote, and keeps that something happened.

Every text that is marked `Personal` is masked in place in the stored events; ids, times, codes and versions stay, so
the log can still be folded. Survives a concurrent edit (the event that ends the stream takes its next version: of the
two one fails and begins anew), a crash (all of it is one transaction) and a second erasure (nothing is left to do).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.contracts.text import Personal
from shared.runtime import store
from shared.runtime.commands import Aggregate, Change, Unit
from shared.runtime.database import Connection
from shared.runtime.decider import CommandT, Decider, DomainEvent, StateT

MASKS: Final = ("erased", "https://erased.invalid", "erased@erased.invalid", "00000")
"""What stands in the place of a text: the first of these that its field takes."""

EventT = TypeVar("EventT", bound=DomainEvent)

READ = "SELECT version, type, data FROM event WHERE stream = $1 ORDER BY version"
MASK = """
    UPDATE event SET data = masked.data FROM unnest($2::int[], $3::jsonb[]) AS masked (version, data)
    WHERE stream = $1 AND event.version = masked.version
"""
UNSENT = "DELETE FROM outbox WHERE key = ANY($1::uuid[])"
PARKED = "DELETE FROM parked WHERE key = ANY($1::bytea[])"
NOTE = "INSERT INTO erasure (receipt, kind, id, texts, at) VALUES ($1, $2, $3, $4, $5)"


def masked(event: EventT) -> tuple[EventT, int]:
    """Return an event without what a person wrote, and how many texts that were. What may be left out is."""
    texts = _Texts()
    values = texts.of_model(event)
    return type(event).model_validate(values), texts.found


async def erase(
    unit: Unit, aggregate: Aggregate[CommandT, StateT], aggregate_id: UUID, command: CommandT
) -> int | None:
    """Decide the `command` that ends an aggregate, and forget its texts with it.

    What it publishes takes the place of its last record. Returns how many texts are masked, None if nothing happened.
    """
    change: Change[StateT] = await unit.decide(aggregate, aggregate_id, command)
    if not change.events:
        return None
    texts = await mask_stream(unit.connection, aggregate.decider, aggregate_id)
    await forget_records(unit.connection, [aggregate_id])
    return texts


async def mask_stream(
    connection: Connection,
    decider: Decider[Any, Any],
    aggregate_id: UUID,
    goes: Callable[[DomainEvent], bool] = lambda _: True,
) -> int:
    """Mask every text in the stored events of an aggregate, also in those of old schema versions.

    `goes` chooses the events of an aggregate that several write, of whom one is erased.

    Raises:
        UnknownEventError: an event is of none of the decider's types, so nobody can tell what in it is a text.
    """
    stream, found = store.stream_name(decider.category, aggregate_id), 0
    types = {event.stored_as: event for event in decider.events}
    changed: dict[int, str] = {}
    for row in await connection.fetch(READ, stream):
        if row["type"] not in types:
            raise store.UnknownEventError(f"no event is stored as {row['type']!r} in this release")
        stored = types[row["type"]].model_validate_json(row["data"])
        event, texts = masked(stored) if goes(stored) else (stored, 0)
        if texts:
            changed[row["version"]] = event.model_dump_json()
            found += texts
    await connection.execute(MASK, stream, list(changed), list(changed.values()))
    return found


async def forget_records(connection: Connection, keys: Sequence[UUID]) -> None:
    """Delete what is still to be sent of aggregates, and what of theirs was put aside: the end alone is told."""
    await connection.execute(UNSENT, keys)
    await connection.execute(PARKED, [str(key).encode() for key in keys])


async def note(unit: Unit, receipt: UUID, kind: str, aggregate_id: UUID, texts: int) -> None:
    """Write down that something was erased."""
    await unit.connection.execute(NOTE, receipt, kind, aggregate_id, texts, unit.at)


class _Texts:
    """Walks through values along their types, and counts the texts that it masks."""

    def __init__(self) -> None:
        self.found = 0

    def of_model(self, model: BaseModel) -> dict[str, Any]:
        """Return the fields of a model with every text masked."""
        return {
            name: self._of(Annotated[(about.annotation, *(about.metadata or (None,)))], getattr(model, name))
            for name, about in type(model).model_fields.items()
        }

    def _of(self, kind: Any, value: Any) -> Any:
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Annotated and Personal in arguments:
            return self._mask(kind)
        if origin is Annotated:
            return self._of(arguments[0], value)
        if origin in {Union, UnionType}:
            return self._of_union(arguments, value)
        if isinstance(value, BaseModel):
            return self.of_model(value)
        if isinstance(value, Mapping):
            return {self._of(arguments[0], key): self._of(arguments[1], one) for key, one in value.items()}
        if isinstance(value, tuple | list | set | frozenset):
            kinds = arguments if len(arguments) == len(value) and ... not in arguments else arguments[:1] * len(value)
            return tuple(self._of(one, part) for one, part in zip(kinds, value, strict=True))
        return value

    def _of_union(self, arguments: Sequence[Any], value: Any) -> Any:
        """Return a value of one of several types, of the one that takes it; where a text may be missing, none."""
        if value is None:
            return None
        taking = next(one for one in arguments if one is not type(None) and _takes(one, value))
        if get_origin(taking) is Annotated and Personal in get_args(taking) and type(None) in arguments:
            self.found += 1
            return None
        return self._of(taking, value)

    def _mask(self, kind: Any) -> str:
        self.found += 1
        return next(mask for mask in MASKS if _takes(kind, mask))


@lru_cache(maxsize=1_000)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _takes(kind: Any, value: Any) -> bool:
    try:
        _adapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True
