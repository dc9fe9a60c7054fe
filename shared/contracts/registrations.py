"""Registrations: which organisation comes to which gathering. Ids only; the place on the waiting list is not told."""

from typing import ClassVar, Final, Literal
from uuid import UUID

from shared.contracts.envelope import Erased, PublicEvent, State

TOPIC: Final = "events.registrations.v1"

RegistrationState = Literal["registered", "waiting", "cancelled"]


class Registration(State):
    """The complete public state of a registration; `contact_id` is the person who comes, where one is named."""

    registration_id: UUID
    gathering_id: UUID
    organisation_id: UUID
    contact_id: UUID | None = None
    state: RegistrationState


class RegistrationErasedState(Erased):
    """What remains of the registration of an erased organisation."""

    registration_id: UUID


class RegistrationUpdated(PublicEvent):
    """An organisation registered, moved up from the waiting list, or cancelled."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/events"] = "/events"
    type: Literal["innovationsmotor.registration-updated.v1"] = "innovationsmotor.registration-updated.v1"
    data: Registration


class RegistrationErased(PublicEvent):
    """The organisation behind a registration was erased; the last record of its key."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/events"] = "/events"
    type: Literal["innovationsmotor.registration-erased.v1"] = "innovationsmotor.registration-erased.v1"
    data: RegistrationErasedState


EVENTS: Final = (RegistrationUpdated, RegistrationErased)
