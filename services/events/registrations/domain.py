"""A registration: an organisation comes to a gathering, or waits for a place; one per organisation and gathering."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, TypeAlias
from uuid import UUID

from services.events.gatherings.domain import Gathering
from shared.contracts.envelope import Value
from shared.contracts.organisations import Cluster
from shared.contracts.registrations import RegistrationState
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import Forbidden, NotFound, Refused


@dataclass(frozen=True)
class Seats:
    """How full a gathering is: who has a place, who waits, and the ticket drawn last."""

    registered: int
    waiting: int
    last_ticket: int


# Commands


@dataclass(frozen=True)
class Register:
    """Register an organisation of these clusters for a gathering; it and its seats are as they are at this moment."""

    gathering_id: UUID
    organisation_id: UUID
    clusters: frozenset[Cluster]
    gathering: Gathering
    seats: Seats
    at: datetime


@dataclass(frozen=True)
class MoveUp:
    """Give who waits a place that became free."""


@dataclass(frozen=True)
class CancelRegistration:
    """It does not come after all."""

    gathering: Gathering
    at: datetime


@dataclass(frozen=True)
class EraseRegistration:
    """The organisation was erased."""


Command: TypeAlias = Register | MoveUp | CancelRegistration | EraseRegistration


# Events


class Registered(DomainEvent):
    """An organisation has a place."""

    stored_as: ClassVar[str] = "registered.v1"

    gathering_id: UUID
    organisation_id: UUID
    ticket: int


class PutOnWaitingList(DomainEvent):
    """All places were taken; `place` is the one on the list at that moment, `ticket` its order for ever."""

    stored_as: ClassVar[str] = "put-on-waiting-list.v1"

    gathering_id: UUID
    organisation_id: UUID
    ticket: int
    place: int


class MovedUp(DomainEvent):
    """Who waited has a place now."""

    stored_as: ClassVar[str] = "moved-up.v1"


class RegistrationCancelled(DomainEvent):
    """It does not come after all."""

    stored_as: ClassVar[str] = "registration-cancelled.v1"


class RegistrationErased(DomainEvent):
    """Its organisation was erased."""

    stored_as: ClassVar[str] = "registration-erased.v1"


# State


@dataclass(frozen=True)
class Unknown:
    """Never registered."""


@dataclass(frozen=True)
class Erased:
    """The organisation is no more; this is final."""


class Registration(Value):
    """A registration. Who registers again after cancelling draws a new ticket: the end of the queue."""

    gathering_id: UUID
    organisation_id: UUID
    ticket: int
    state: RegistrationState


State: TypeAlias = Unknown | Registration | Erased


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about a registration.

    Raises:
        NotFound: there is none, or its organisation was erased.
        Forbidden: the organisation is not of the audience.
        Refused: registered already, or the gathering takes or loses nobody any more.
    """
    match command:
        case Register():
            return _register(command, state)
        case MoveUp():
            waits = isinstance(state, Registration) and state.state == "waiting"
            return [MovedUp()] if waits else []
        case CancelRegistration():
            return _cancel(command, state)
        case EraseRegistration():
            return [RegistrationErased()] if isinstance(state, Registration) else []


def _register(command: Register, state: State) -> list[DomainEvent]:
    if isinstance(state, Erased):
        raise NotFound("organisation")
    if isinstance(state, Registration) and state.state != "cancelled":
        if state.state == "registered":
            raise Refused("registered-already", "This organisation has a place already.")
        raise Refused("registered-already", "This organisation is on the waiting list already.")
    _check_open(command.gathering, command.at)
    if command.at >= command.gathering.content.closes_at:
        raise Refused("registration-closed", "Registration is closed. Ask the hosts whether there is still a way in.")
    if not command.clusters & set(command.gathering.content.clusters):
        clusters = command.gathering.content.clusters
        raise Forbidden("This gathering is for members of %(clusters)s; this organisation is none.", clusters=clusters)
    who = {"gathering_id": command.gathering_id, "organisation_id": command.organisation_id}
    seats, capacity = command.seats, command.gathering.content.capacity
    ticket = seats.last_ticket + 1
    if capacity is None or seats.registered < capacity:
        return [Registered(**who, ticket=ticket)]
    return [PutOnWaitingList(**who, ticket=ticket, place=seats.waiting + 1)]


def _cancel(command: CancelRegistration, state: State) -> list[DomainEvent]:
    if not isinstance(state, Registration):
        raise NotFound("registration")
    if state.state == "cancelled":
        return []
    _check_open(command.gathering, command.at)
    return [RegistrationCancelled()]


def _check_open(gathering: Gathering, at: datetime) -> None:
    if gathering.state == "cancelled":
        raise Refused("gathering-cancelled", "This gathering was cancelled. See what else is on.")
    if at >= gathering.content.ends_at:
        raise Refused("gathering-over", "This gathering is over. See what else is on.")


def evolve(state: State, event: DomainEvent) -> State:
    """Return the registration after an event."""
    match event:
        case Registered(gathering_id=gathering, organisation_id=organisation, ticket=ticket):
            return _registration(gathering, organisation, ticket, "registered")
        case PutOnWaitingList(gathering_id=gathering, organisation_id=organisation, ticket=ticket):
            return _registration(gathering, organisation, ticket, "waiting")
        case RegistrationErased():
            return Erased()
    assert isinstance(state, Registration)
    return state.model_copy(update={"state": "registered" if isinstance(event, MovedUp) else "cancelled"})


def _registration(gathering: UUID, organisation: UUID, ticket: int, state: RegistrationState) -> Registration:
    return Registration(gathering_id=gathering, organisation_id=organisation, ticket=ticket, state=state)


DECIDER: Final[Decider[Command, State]] = Decider(
    category="registration",
    events=(Registered, PutOnWaitingList, MovedUp, RegistrationCancelled, RegistrationErased),
    initial=Unknown(),
    decide=decide,
    evolve=evolve,
)
