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
Purpose = Literal[
    "matching_inside", "matching_across", "participant_lists", "publicity", "newsletter", "partner_systems"
]
Activity = Literal["proposals", "surveys", "reminders", "publicity"]
"""What an organisation can object to (GDPR Art. 21): to be compared and proposed, asked, reminded, named in public."""

Language: TypeAlias = words.Language
EntryKind = Literal["technology", "service", "research", "pilot", "supply", "market", "investment", "staff"]
Ipr = Literal["none", "applied", "granted", "licensed", "open"]
"""Rights in what is offered or wanted: none, applied for, granted, licensed from others, open to all."""

Visibility = Literal["public", "clusters"]
"""Who sees a need or an offer: all who are signed in, or only members of its organisation's clusters."""

Direction = Literal["in", "out"]

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""

Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9A-Z]{0,3}$")]
"""NUTS code, as `DE21` (Oberbayern)."""

Web = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/$.?#][^\s\x00-\x1f]*$", max_length=300), Personal]
"""An address that a person typed: that of a one-person firm may well be a name."""

Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False), Personal]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False), Personal]
"""Degrees in WGS 84: those of a one-person firm may well be somebody's home."""

Year = Annotated[int, Field(ge=1700, le=2200)]

Industry = Annotated[str, StringConstraints(pattern=r"^[A-V]([0-9]{2}(\.[0-9]{1,2})?)?$")]
"""NACE code, as `C20.1`."""

Spoken = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
"""A language that people there speak, ISO 639-1."""

Cas = Annotated[
    str,
    StringConstraints(pattern=r"^[1-9][0-9]{1,6}-[0-9]{2}-[0-9]$"),
    Field(json_schema_extra={"format": "cas-number"}),
]
"""CAS Registry Number, as `7647-01-0`."""

Tonnes = Annotated[float, Field(gt=0, le=10_000_000, allow_inf_nan=False)]
Percent = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]

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
    ipr: Ipr | None = None
    partner_kinds: tuple[OrganisationKind, ...] = ()
    partner_sizes: tuple[SizeClass, ...] = ()
    partner_regions: tuple[Region, ...] = ()
    visibility: Visibility = "public"
    expires_on: date | None = None
    confirmed_on: date | None = None


class Flow(Value):
    """A substance that goes in or out regularly; `version` grows with each change."""

    flow_id: UUID
    version: int = Field(ge=1)
    direction: Direction
    substance: Line
    cas: Cas | None = None
    tonnes_per_year: Tonnes
    purity: Percent | None = None
    region: Region | None = None
    note: Text | None = None


class Organisation(State):
    """The complete public state of an organisation.

    `clusters` are those whose manager vouched for the membership; in `unverified` ones it only asked for it, and that
    counts for nothing. `consents` are those that count: of clusters that it belongs to, and not objected to.
    """

    organisation_id: UUID
    name: Line
    kind: OrganisationKind
    size: SizeClass | None = None
    country: Country = "DE"
    region: Region | None = None
    place: Line | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    founded: Year | None = None
    industries: tuple[Industry, ...] = ()
    languages: tuple[Spoken, ...] = ()
    web: Web | None = None
    summary: Text | None = None
    summary_en: Text | None = None
    summary_version: int = 0
    clusters: tuple[Cluster, ...] = ()
    unverified: tuple[Cluster, ...] = ()
    consents: tuple[Consent, ...] = ()
    objections: tuple[Activity, ...] = ()
    needs: tuple[Entry, ...] = ()
    offers: tuple[Entry, ...] = ()
    flows: tuple[Flow, ...] = ()


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
