"""Organisations: who takes part, what they offer and need, and what they consent to."""

from datetime import date
from typing import Annotated, ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts import words
from shared.contracts.envelope import Erased, PublicEvent, State, Value
from shared.contracts.text import Line, Personal, Text

TOPIC: Final = "profiles.organisations.v1"

OrganisationKind = Literal["company", "startup", "founder_centre", "research", "cluster", "public_body"]
SizeClass = Literal["micro", "small", "medium", "large"]
"""Size by the EU definition (Recommendation 2003/361/EC); all but `large` are SMEs."""

Cluster: TypeAlias = words.Cluster
Purpose = Literal["matching_inside", "matching_across"]
Language: TypeAlias = words.Language
EntryKind = Literal["technology", "service", "research", "pilot", "supply", "market", "investment", "staff"]

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""

Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9A-Z]{0,3}$")]
"""NUTS code, as `DE21` (Oberbayern)."""

Web = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/$.?#][^\s\x00-\x1f]*$", max_length=300), Personal]
"""An address that a person typed: that of a one-person firm may well be a name."""

Trl = Annotated[int, Field(ge=1, le=9)]
"""Technology readiness level, 1 (idea) to 9 (in use)."""


class Consent(Value):
    """A permission for one purpose within one cluster."""

    cluster: Cluster
    purpose: Purpose


class Entry(Value):
    """A need or an offer; `version` grows whenever its text changes, so that a position in it stays meaningful."""

    entry_id: UUID
    version: int = Field(ge=1)
    kind: EntryKind
    title: Line
    text: Text
    language: Language
    trl: Trl | None = None
    expires_on: date | None = None


class Organisation(State):
    """The complete public state of an organisation."""

    organisation_id: UUID
    name: Line
    kind: OrganisationKind
    size: SizeClass | None = None
    country: Country = "DE"
    region: Region | None = None
    web: Web | None = None
    summary: Text | None = None
    summary_version: int = 0
    clusters: tuple[Cluster, ...] = ()
    consents: tuple[Consent, ...] = ()
    needs: tuple[Entry, ...] = ()
    offers: tuple[Entry, ...] = ()


class OrganisationErased(Erased):
    """What remains of an erased organisation."""

    organisation_id: UUID


class ProfileUpdatedData(Organisation):
    """An organisation after a change, and which of its fields the change touched."""

    changes: tuple[words.Code, ...] = ()


class ProfileUpdated(PublicEvent):
    """An organisation was registered or something about it changed; `changes` names the fields, not the values."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.profile-updated.v1"] = "innovationsmotor.profile-updated.v1"
    data: ProfileUpdatedData


class ProfileErased(PublicEvent):
    """An organisation was erased; the last record of its key."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.profile-erased.v1"] = "innovationsmotor.profile-erased.v1"
    data: OrganisationErased


EVENTS: Final = (ProfileUpdated, ProfileErased)
