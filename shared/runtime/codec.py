"""From a raw Kafka record to an event, or to the reason why it is none.

Nothing raises here: a record that cannot be read must not take its batch with it (fault 14), neither by its value nor
by a header that is not UTF-8, which the framework's own parser fails on and then commits past.
"""

import gc
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, NamedTuple, TypeAlias, Union

from aiokafka import ConsumerRecord
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from shared.contracts.envelope import HEARTBEAT, PublicEvent
from shared.runtime.parking import Parked

Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"


class Received(NamedTuple):
    """An event with the place that it was read from."""

    event: PublicEvent
    record: Record


class _TypeOnly(BaseModel):
    type: str


class Codec:
    """Decodes the events of one subscription; FastStream calls it with a whole batch (its `BatchCodecProto`)."""

    def __init__(self, subscription: str, events: Sequence[type[PublicEvent]]) -> None:
        self._subscription = subscription
        union: Any = Union[tuple(events)]  # noqa: UP007 - a union made at run time
        if len(events) > 1:
            union = Annotated[union, Field(discriminator="type")]
        self._adapter: TypeAdapter[PublicEvent] = TypeAdapter(union)

    async def decode_batch(self, msg: Any) -> list[Received | Parked]:
        """Decode all records of a batch message; heartbeats are left out."""
        return self.decode_records(msg.raw_message)

    def decode_records(self, records: Sequence[Record]) -> list[Received | Parked]:
        """Decode records, each into an event or into what is to be parked; heartbeats are left out."""
        # Nothing of a batch is garbage before it is written; to look for it thirty times takes as long as decoding.
        collects = gc.isenabled()
        gc.disable()
        try:
            decoded = [self._decode(record) for record in records]
        finally:
            if collects:
                gc.enable()
        return [one for one in decoded if one is not None]

    async def decode(self, msg: Any) -> Any:
        """Part of the framework's protocol; single messages are not subscribed to."""
        raise NotImplementedError

    async def encode(self, msg: Any, serializer: Any = None) -> tuple[bytes, str | None]:
        """Part of the framework's protocol; the relay alone sends."""
        raise NotImplementedError

    async def encode_batch(self, msgs: Any, serializer: Any = None) -> list[tuple[bytes, str | None]]:
        """Part of the framework's protocol; the relay alone sends."""
        raise NotImplementedError

    def _decode(self, record: Record) -> Received | Parked | None:
        key, value = record.key, record.value
        if key is not None and key.startswith(b"heartbeat-") and _is_heartbeat(value):
            return None
        if value is None:
            return self._parked(record, "no value: a tombstone carries no version")
        try:
            for _, header in record.headers:
                (header or b"").decode()
            event = self._adapter.validate_json(value)
        except UnicodeDecodeError:
            return self._parked(record, "bad header: not UTF-8")
        except ValidationError as error:
            return self._parked(record, _reason(error))
        except Exception as error:  # noqa: BLE001 - raising would take the batch along, again and again
            return self._parked(record, f"cannot be decoded: {type(error).__name__}")
        if str(event.subject).encode() != key:
            return self._parked(record, "wrong key: it is not the subject of the event")
        return Received(event, record)

    def _parked(self, record: Record, reason: str) -> Parked:
        place = record.topic, record.partition, record.offset
        return Parked(self._subscription, *place, record.key, record.value, reason)


async def parse_batch(records: tuple[Record, ...], original: Callable[[Any], Awaitable[Any]]) -> Any:
    """Build FastStream's message without its reading the headers, which it fails on; the codec reads all of it."""
    message = await original((replace(records[0], headers=()),))
    message.raw_message = records
    return message


def _is_heartbeat(value: bytes | None) -> bool:
    try:
        return _TypeOnly.model_validate_json(value or b"").type == HEARTBEAT
    except ValidationError:
        return False


def _reason(error: ValidationError) -> str:
    """Name what is wrong and where, but not the content: reasons are shown to operators and logged."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    kind = {"json_invalid": "not JSON", "union_tag_invalid": "unknown type", "union_tag_not_found": "no type"}
    where = ".".join(str(part) for part in first["loc"]) or "record"
    return f"{kind.get(first['type'], 'does not fit the schema')}: {where}: {first['type']}"
