"""The envelope of every public event: CloudEvents 1.0, structured mode, one JSON object per record."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

ActorKind = Literal["member", "manager", "operator", "engine", "system"]
"""Who caused a change, never which person: the topic outlives accounts."""

CONTENT_TYPE = b"application/cloudevents+json; charset=UTF-8"
HEARTBEAT = "innovationsmotor.heartbeat.v1"
"""Type of the keyed record that makes the segments of a compacted topic roll; every consumer skips it."""


class Value(BaseModel):
    """Base of every value in a contract: frozen, and a reader ignores fields that it does not know yet."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Content(Value):
    """Base of what people write: a field that is not known is refused, since a misspelt one would silently be lost."""

    model_config = ConfigDict(extra="forbid")


class State(Value):
    """The complete public state of an aggregate after a change.

    `(epoch, version)` grows with each published change; a consumer that upserts only what is newer is immune to
    duplicates, replays and late writers. The epoch is raised when a store was restored to an earlier moment.
    """

    epoch: int = Field(ge=1)
    version: int = Field(ge=1)
    erased: ClassVar[bool] = False


class Erased(State):
    """What remains of an erased aggregate: that it was there, and that its end is final."""

    erased: ClassVar[bool] = True


class PublicEvent(Value):
    """An event on a topic. Subclasses pin `type`, `source`, `topic` and the model of `data`.

    `sequence` is `epoch.version`, zero-padded, as the CloudEvents *sequence* extension wants it;
    `traceparent` is the W3C trace context of the *distributed tracing* extension.
    """

    topic: ClassVar[str]

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    subject: UUID
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    sequence: str = Field(pattern=r"^\d{6}\.\d{12}$")
    traceparent: str = Field(pattern=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$")
    correlationid: UUID
    causationid: UUID
    actorkind: ActorKind
    data: State

    @classmethod
    def type_name(cls) -> str:
        """Return the CloudEvents type, as `innovationsmotor.profile-updated.v1`."""
        return str(cls.model_fields["type"].default)

    @classmethod
    def short_name(cls) -> str:
        """Return the type without its namespace, as `profile-updated.v1`: the name of its schema file."""
        return cls.type_name().removeprefix("innovationsmotor.")

    @property
    def order(self) -> tuple[int, int]:
        """The place of this state among the states of its aggregate: `(epoch, version)`."""
        return self.data.epoch, self.data.version


def schema_uri(event: type[PublicEvent]) -> str:
    """Return the URI that names the JSON Schema of an event's `data`."""
    return f"urn:innovationsmotor:contract:{event.short_name()}"


def sequence(epoch: int, version: int) -> str:
    """Return `epoch.version`, padded so that it sorts as text."""
    return f"{epoch:06d}.{version:012d}"


def traceparent(trace: UUID, span: UUID) -> str:
    """Return a W3C trace context of the trace and the span that two ids stand for."""
    return f"00-{trace.hex}-{span.hex[:16]}-01"
