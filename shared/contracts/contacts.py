"""Contacts: how to reach the people of an organisation. A private topic; no stream ever holds this."""

from typing import Annotated, ClassVar, Final, Literal
from uuid import UUID

from pydantic import StringConstraints

from shared.contracts.envelope import Erased, PublicEvent, State
from shared.contracts.organisations import Language
from shared.contracts.text import Line, Personal

TOPIC: Final = "profiles.contacts.v1"

Email = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f.]+(\.[^@\s\x00-\x1f.]+)+$", max_length=254),
    Personal,
]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ()/.\-]{5,30}$"), Personal]


class Contact(State):
    """A person who acts for an organisation."""

    contact_id: UUID
    organisation_id: UUID
    name: Line
    email: Email
    phone: Phone | None = None
    language: Language = "de"


class ContactErasedState(Erased):
    """What remains of an erased contact."""

    contact_id: UUID


class ContactUpdated(PublicEvent):
    """A contact was named or changed."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.contact-updated.v1"] = "innovationsmotor.contact-updated.v1"
    data: Contact


class ContactErased(PublicEvent):
    """A contact was erased; the last record of its key."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.contact-erased.v1"] = "innovationsmotor.contact-erased.v1"
    data: ContactErasedState


EVENTS: Final = (ContactUpdated, ContactErased)
