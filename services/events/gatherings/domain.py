"""A gathering: where and when people meet; announced, updated, cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar, Final, TypeAlias

from pydantic import AfterValidator, AwareDatetime, Field

from services.events.gatherings import zones
from shared.contracts.envelope import Content, Value
from shared.contracts.gatherings import Capacity, GatheringKind, GatheringState, TimeZone
from shared.contracts.organisations import Cluster, Language, Web
from shared.contracts.text import Line, Text
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import Forbidden, Invalid, Message, NotFound, Refused

LONGEST: Final = timedelta(days=14)
FARTHEST: Final = timedelta(days=5 * 365)
"""How far ahead one may announce: beyond it, the year is a slip."""


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise ValueError(Message("This time lies beyond the calendar.")) from None


def _once(clusters: tuple[Cluster, ...]) -> tuple[Cluster, ...]:
    return tuple(sorted(set(clusters)))


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time, kept in UTC and to the second."""


class GatheringContent(Content):
    """What is said about a gathering. `clusters` are its audience; registration closes at the start if not earlier."""

    kind: GatheringKind
    title: Line
    text: Text | None = None
    language: Language = "de"
    time_zone: TimeZone = zones.HOME
    starts_at: Moment
    ends_at: Moment
    place: Line | None = None
    link: Web | None = None
    capacity: Capacity | None = None
    clusters: Annotated[tuple[Cluster, ...], Field(min_length=1, max_length=10), AfterValidator(_once)]
    registration_closes_at: Moment | None = None

    @property
    def closes_at(self) -> datetime:
        """When registration closes."""
        return self.registration_closes_at or self.starts_at


# Commands; `managed` are the clusters of the manager who sends them


@dataclass(frozen=True)
class Announce:
    """Announce a gathering."""

    content: GatheringContent
    managed: frozenset[Cluster]
    at: datetime


@dataclass(frozen=True)
class Update:
    """Say anew what it is; `registered` are in already."""

    content: GatheringContent
    managed: frozenset[Cluster]
    registered: int
    at: datetime


@dataclass(frozen=True)
class Cancel:
    """It does not take place."""

    managed: frozenset[Cluster]
    at: datetime


Command: TypeAlias = Announce | Update | Cancel


# Events


class GatheringAnnounced(DomainEvent):
    """A manager announced a gathering."""

    stored_as: ClassVar[str] = "gathering-announced.v1"

    content: GatheringContent


class GatheringUpdated(DomainEvent):
    """Something about it changed."""

    stored_as: ClassVar[str] = "gathering-updated.v1"

    content: GatheringContent


class GatheringCancelled(DomainEvent):
    """It does not take place."""

    stored_as: ClassVar[str] = "gathering-cancelled.v1"


# State


@dataclass(frozen=True)
class Unknown:
    """Not announced yet."""


class Gathering(Value):
    """An announced gathering. Its registrations stay as they are when it is cancelled: its own state says it."""

    content: GatheringContent
    state: GatheringState = "announced"

    def moves_up(self, at: datetime) -> bool:
        """Tell whether who waits gets a place that is free: nobody does once it has begun or is cancelled."""
        return self.state == "announced" and at < self.content.starts_at


State: TypeAlias = Unknown | Gathering


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about a gathering.

    Raises:
        NotFound: it was never announced.
        Forbidden: the manager's clusters are not its audience, or the audience would take others' clusters in or out.
        Invalid: what is said about it makes no sense.
        Refused: it was announced already, is cancelled, or over.
    """
    if isinstance(command, Announce):
        if isinstance(state, Gathering):
            raise Refused("announced-already", "This gathering is announced already.")
        _check_audience(command.managed, set(command.content.clusters))
        _check(command.content, command.at, before=None)
        return [GatheringAnnounced(content=command.content)]
    if isinstance(state, Unknown):
        raise NotFound("gathering")
    _check_changeable(command, state)
    if isinstance(command, Cancel):
        return [GatheringCancelled()]
    return _update(command, state)


def _update(command: Update, state: Gathering) -> list[DomainEvent]:
    content, before = command.content, state.content
    if content == before:
        return []
    _check_audience(command.managed, set(content.clusters) ^ set(before.clusters))
    _check(content, command.at, before)
    if content.capacity is not None and content.capacity < command.registered:
        raise Invalid(
            "capacity-too-small",
            "%(registered)s have a place already. Give at least as many, or ask some of them to cancel.",
            field="capacity",
            registered=command.registered,
        )
    return [GatheringUpdated(content=content)]


def _check_changeable(command: Update | Cancel, state: Gathering) -> None:
    if not command.managed & set(state.content.clusters):
        raise Forbidden("This gathering is another cluster's. Its own managers can change it.")
    if state.state == "cancelled":
        raise Refused("gathering-cancelled", "This gathering is cancelled. Announce a new one.")
    if command.at >= state.content.ends_at:
        raise Refused("gathering-over", "This gathering is over and can no longer be changed.")


def _check_audience(managed: frozenset[Cluster], touched: set[Cluster]) -> None:
    if not touched <= managed:
        raise Forbidden("You can invite your own clusters, and no others.")


def _check(content: GatheringContent, at: datetime, before: GatheringContent | None) -> None:
    _check_times(content, at, before)
    # Here and not where events are read: what was a zone once must stay readable.
    if content.time_zone not in zones.known():
        raise Invalid("unknown-zone", zones.no_such_zone(content.time_zone), field="time_zone")
    if content.place is None and content.link is None:
        raise Invalid("place-missing", "Say where people meet: a place, a link, or both.", field="place")


def _check_times(content: GatheringContent, at: datetime, before: GatheringContent | None) -> None:
    """Check the times; a gathering that has begun keeps its start and may still get another end."""
    begins_anew = before is None or content.starts_at != before.starts_at
    if begins_anew and content.starts_at <= at:
        raise Invalid("starts-in-past", "The start has passed. Choose one that lies ahead.", field="starts_at")
    if content.starts_at > at + FARTHEST:
        raise Invalid("starts-too-late", "The start is more than five years ahead. Check the year.", field="starts_at")
    if content.ends_at <= max(content.starts_at, at):
        raise Invalid("ends-too-early", "The end must lie ahead, and behind the start.", field="ends_at")
    if content.ends_at - content.starts_at > LONGEST:
        raise Invalid("too-long", "A gathering lasts 14 days at most. Announce one for each part.", field="ends_at")
    if content.closes_at > content.starts_at:
        raise Invalid(
            "closes-too-late",
            "Registration must close at the start or earlier.",
            field="registration_closes_at",
        )


def evolve(state: State, event: DomainEvent) -> State:
    """Return the gathering after an event."""
    match event:
        case GatheringAnnounced(content=content) | GatheringUpdated(content=content):
            return Gathering(content=content)
    assert isinstance(state, Gathering)
    assert isinstance(event, GatheringCancelled)
    return state.model_copy(update={"state": "cancelled"})


DECIDER: Final[Decider[Command, State]] = Decider(
    category="gathering",
    events=(GatheringAnnounced, GatheringUpdated, GatheringCancelled),
    initial=Unknown(),
    decide=decide,
    evolve=evolve,
)
