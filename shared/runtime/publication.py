"""From a change to the record that goes on a topic."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from shared.contracts.envelope import ActorKind, PublicEvent, State, schema_uri, sequence, traceparent
from shared.runtime.refusals import TooLarge

MAX_STATE = 256 * 1024
"""Bytes that a public record may have. Refused when commanded (413), so that the relay never meets a larger one."""


@dataclass(frozen=True)
class Publication:
    """A public event to be: its class and its data. `private_cause` hides the cause across services from readers."""

    event: type[PublicEvent]
    key: UUID
    data: State
    private_cause: bool = False


@dataclass(frozen=True)
class Cause:
    """Who causes a change and what caused that: `correlation` is the first cause, `causation` the direct one."""

    actor: str
    actor_kind: ActorKind
    correlation: UUID
    causation: UUID


@dataclass(frozen=True)
class SealedRecord:
    """What is sent: topic, key and the bytes of the CloudEvent, with the public version they carry."""

    topic: str
    key: UUID
    version: int
    value: bytes


def seal(publication: Publication, stored_id: UUID, cause: Cause, at: datetime) -> SealedRecord:
    """Put data into its envelope. The id derives from the stored event and the topic: published again, it is kept.

    Raises:
        TooLarge: the record would exceed `MAX_STATE`.
    """
    event, data = publication.event, publication.data
    correlation, causation = cause.correlation, cause.causation
    if publication.private_cause:
        correlation = causation = publication.key
    record_id = uuid5(stored_id, event.topic)
    value = (
        event(
            id=record_id,
            subject=publication.key,
            time=at,
            dataschema=schema_uri(event),
            sequence=sequence(data.epoch, data.version),
            traceparent=traceparent(correlation, record_id),
            correlationid=correlation,
            causationid=causation,
            actorkind=cause.actor_kind,
            data=data,
            **{name: event.model_fields[name].default for name in ("source", "type")},
        )
        .model_dump_json()
        .encode()
    )
    if len(value) > MAX_STATE:
        raise TooLarge(
            "state-too-large",
            "With this change it would have %(bytes)s bytes; %(most)s is the limit. Shorten its texts.",
            bytes=len(value),
            most=MAX_STATE,
        )
    return SealedRecord(event.topic, publication.key, data.version, value)
