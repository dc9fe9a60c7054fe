"""Gatherings: where and when people meet."""

from typing import Annotated, ClassVar, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from shared.contracts.envelope import PublicEvent, State
from shared.contracts.organisations import Cluster, Language, Web
from shared.contracts.text import Line, Text

TOPIC: Final = "events.gatherings.v1"

GatheringKind = Literal[
    "matching_event", "startup_day", "workshop", "fair_visit", "founder_centre_visit", "hospitation"
]
GatheringState = Literal["announced", "cancelled"]

TimeZone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]+(/[A-Za-z0-9_+-]+){0,2}$", max_length=60)]
"""Name of the IANA time zone database, as `Europe/Berlin`: the one in which the hosts think."""

Capacity = Annotated[int, Field(ge=1, le=10_000)]


class Gathering(State):
    """The complete public state of a gathering. Without a capacity there is room for everyone."""

    gathering_id: UUID
    kind: GatheringKind
    title: Line
    text: Text | None = None
    language: Language
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    time_zone: TimeZone
    place: Line | None = None
    link: Web | None = None
    capacity: Capacity | None = None
    clusters: tuple[Cluster, ...]
    registration_closes_at: AwareDatetime
    state: GatheringState = "announced"


class GatheringAnnounced(PublicEvent):
    """A gathering was announced; one can register."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/events"] = "/events"
    type: Literal["innovationsmotor.gathering-announced.v1"] = "innovationsmotor.gathering-announced.v1"
    data: Gathering


class GatheringUpdated(PublicEvent):
    """Something about a gathering changed."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/events"] = "/events"
    type: Literal["innovationsmotor.gathering-updated.v1"] = "innovationsmotor.gathering-updated.v1"
    data: Gathering


class GatheringCancelled(PublicEvent):
    """A gathering does not take place."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/events"] = "/events"
    type: Literal["innovationsmotor.gathering-cancelled.v1"] = "innovationsmotor.gathering-cancelled.v1"
    data: Gathering


EVENTS: Final = (GatheringAnnounced, GatheringUpdated, GatheringCancelled)
