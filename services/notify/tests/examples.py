"""Two organisations with contacts, and a match between them, as profiles and matching tell it."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from shared.contracts.contacts import Contact, ContactErased, ContactErasedState, ContactUpdated
from shared.contracts.conversations import (
    Conversation,
    ConversationErased,
    ConversationErasedState,
    ConversationUpdated,
    Unread,
)
from shared.contracts.envelope import ActorKind, PublicEvent, State, schema_uri, sequence, traceparent
from shared.contracts.gatherings import Gathering, GatheringAnnounced, GatheringState
from shared.contracts.ideas import Idea, IdeaErased, IdeaErasedState, IdeaPosted, Stage, Visibility
from shared.contracts.matches import (
    Anchor,
    CooperationReported,
    Engine,
    Match,
    MatchAgreed,
    MatchDeclined,
    MatchIntroduced,
    MatchMet,
    MatchParties,
    MatchPartiesErased,
    MatchPartiesErasedState,
    MatchPartiesSet,
    MatchProposed,
    MatchState,
    MatchWithdrawn,
    Outcome,
    PartyIdentity,
    ProjectStarted,
    Reason,
    Reasons,
    Side,
)
from shared.contracts.organisations import (
    Cluster,
    Consent,
    Language,
    OrganisationErased,
    OrganisationKind,
    ProfileErased,
    ProfileUpdated,
    ProfileUpdatedData,
    Purpose,
)
from shared.contracts.registrations import (
    Registration,
    RegistrationErased,
    RegistrationErasedState,
    RegistrationState,
    RegistrationUpdated,
)
from shared.runtime.access import Actor

ACTORS = {
    "mia": Actor(actor="mia", role="manager", clusters=frozenset({"chemistry"})),
    "ole": Actor(actor="ole", role="operator"),
    "ben": Actor(actor="ben", role="member", organisations=frozenset({UUID(int=0xA)})),
    "ina": Actor(actor="ina", role="integrator"),
}

EventT = TypeVar("EventT", bound=PublicEvent)

ALGA, BORA = UUID(int=0xA), UUID(int=0xB)
SEEKING, OFFERING = UUID(int=1), UUID(int=2)

_MATCH_EVENTS: dict[MatchState, type[PublicEvent]] = {
    "proposed": MatchProposed,
    "agreed": MatchAgreed,
    "introduced": MatchIntroduced,
    "met": MatchMet,
    "cooperating": CooperationReported,
    "project": ProjectStarted,
    "declined": MatchDeclined,
    "withdrawn": MatchWithdrawn,
}


def profile(
    organisation_id: UUID,
    name: str = "",
    *,
    version: int = 1,
    kind: OrganisationKind = "company",
    clusters: tuple[Cluster, ...] = ("chemistry",),
    consents: tuple[tuple[Cluster, Purpose], ...] = (),
    correlation: UUID | None = None,
) -> PublicEvent:
    data = ProfileUpdatedData(
        epoch=1,
        version=version,
        organisation_id=organisation_id,
        name=name or {ALGA: "Alga GmbH", BORA: "Bora UG"}.get(organisation_id, f"Firma {organisation_id.int % 1000}"),
        kind=kind,
        clusters=clusters,
        consents=tuple(Consent(cluster=cluster, purpose=purpose) for cluster, purpose in consents),
    )
    return sealed(ProfileUpdated, organisation_id, data, correlation=correlation)


def profile_erased(organisation_id: UUID, version: int = 9, *, correlation: UUID | None = None) -> PublicEvent:
    data = OrganisationErased(epoch=1, version=version, organisation_id=organisation_id)
    return sealed(ProfileErased, organisation_id, data, correlation=correlation)


def contact(
    organisation_id: UUID,
    *,
    email: str = "",
    name: str = "Kim Muster",
    language: Language = "de",
    version: int = 1,
) -> PublicEvent:
    contact_id = contact_of(organisation_id)
    data = Contact(
        epoch=1,
        version=version,
        contact_id=contact_id,
        organisation_id=organisation_id,
        name=name,
        email=email or f"kim@{organisation_id.int:x}.example",
        language=language,
    )
    return sealed(ContactUpdated, contact_id, data)


def contact_of(organisation_id: UUID) -> UUID:
    return UUID(int=organisation_id.int + (1 << 100))


def contact_erased(organisation_id: UUID, version: int = 2) -> PublicEvent:
    contact_id = contact_of(organisation_id)
    return sealed(ContactErased, contact_id, ContactErasedState(epoch=1, version=version, contact_id=contact_id))


def match(
    match_id: UUID,
    state: MatchState = "proposed",
    *,
    version: int | None = None,
    time: datetime | None = None,
    clusters: tuple[Cluster, Cluster] = ("chemistry", "environment"),
    outcomes: tuple[Outcome, ...] = (),
) -> PublicEvent:
    """Return a match between a seeking side and an offering side, each of a cluster, that has come to this state."""
    now = datetime.now(UTC)
    reason = Reason(kind="text", entry=UUID(int=5), entry_version=1, field="text", start=0, end=9, weight=0.5)
    data = Match(
        epoch=1,
        version=version or (1 if state == "proposed" else 2),
        match_id=match_id,
        state=state,
        sides=(
            Side(party=SEEKING, clusters=clusters[:1], kind="company", role="seeks"),
            Side(party=OFFERING, clusters=clusters[1:], kind="startup", role="offers"),
        ),
        anchor=Anchor(kind="idea", entries=(UUID(int=5),)),
        score=0.7,
        strength="strong",
        reasons=(Reasons(party=SEEKING, because=(reason,)), Reasons(party=OFFERING, because=(reason,))),
        cross_cluster=clusters[0] != clusters[1],
        proposed_at=now,
        expires_at=datetime(2026, 12, 24, 12, tzinfo=UTC),
        outcomes=outcomes,
        engine=Engine(name="lexical", version="1", parameters="p", snapshot="s"),
    )
    event = _MATCH_EVENTS[state]
    return sealed(event, match_id, data, correlation=match_id, causation=match_id, actor="engine", time=time)


def parties(
    match_id: UUID,
    seeking: UUID = ALGA,
    offering: UUID = BORA,
    *,
    version: int = 1,
    hidden: bool = False,
    idea_id: UUID | None = None,
    reminded: bool = False,
    introduced: bool = False,
    asked: tuple[int, int] = (0, 0),
    correlation: UUID | None = None,
    causation: UUID | None = None,
) -> PublicEvent:
    """Return who the parties are; `hidden` says that the seeking side stays anonymous.

    `asked` says for which time the seeking and the offering side are asked what came of it.
    """
    data = MatchParties(
        epoch=1,
        version=version,
        match_id=match_id,
        parties=(
            PartyIdentity(party=SEEKING, organisation_id=seeking, disclosed=not hidden, asked=asked[0]),
            PartyIdentity(party=OFFERING, organisation_id=offering, disclosed=True, asked=asked[1]),
        ),
        idea_id=idea_id,
        reminded=reminded,
        introduced=introduced,
    )
    return sealed(MatchPartiesSet, match_id, data, correlation=correlation, causation=causation, actor="engine")


def parties_erased(match_id: UUID, version: int = 9, *, correlation: UUID | None = None) -> PublicEvent:
    data = MatchPartiesErasedState(epoch=1, version=version, match_id=match_id)
    return sealed(MatchPartiesErased, match_id, data, correlation=correlation, actor="system")


def conversation(
    match_id: UUID,
    *,
    seeking: tuple[UUID, ...] = (),
    offering: tuple[UUID, ...] = (),
    version: int = 1,
    time: datetime | None = None,
) -> PublicEvent:
    """Return which messages the two sides of a match have not read."""
    first, second = (
        Unread(party=party, messages=len(unread), first=next(iter(unread), None))
        for party, unread in ((SEEKING, seeking), (OFFERING, offering))
    )
    key = conversation_of(match_id)
    data = Conversation(epoch=1, version=version, conversation_id=key, match_id=match_id, unread=(first, second))
    return sealed(ConversationUpdated, key, data, correlation=key, causation=key, time=time)


def conversation_of(match_id: UUID) -> UUID:
    return UUID(int=match_id.int + (1 << 100))


def conversation_erased(match_id: UUID, version: int = 9) -> PublicEvent:
    key = conversation_of(match_id)
    data = ConversationErasedState(epoch=1, version=version, conversation_id=key)
    return sealed(ConversationErased, key, data, actor="system")


def idea(
    idea_id: UUID,
    owner: UUID | None = ALGA,
    *,
    version: int = 1,
    title: str = "Abwärme",
    visibility: Visibility = "public",
    stage: Stage = "posted",
    time: datetime | None = None,
    correlation: UUID | None = None,
) -> PublicEvent:
    """Return an idea; one without an owner is anonymous."""
    data = Idea(
        epoch=1,
        version=version,
        idea_id=idea_id,
        title=title,
        text="Wohin damit?",
        text_version=1,
        language="de",
        visibility=visibility if owner else "anonymous",
        organisation_id=owner,
        stage=stage,
    )
    return sealed(IdeaPosted, idea_id, data, correlation=correlation, time=time)


def idea_erased(idea_id: UUID, version: int = 9, *, correlation: UUID | None = None) -> PublicEvent:
    data = IdeaErasedState(epoch=1, version=version, idea_id=idea_id)
    return sealed(IdeaErased, idea_id, data, correlation=correlation)


def gathering(
    gathering_id: UUID,
    *,
    version: int = 1,
    title: str = "Kreisläufe",
    begins: timedelta = timedelta(days=30),
    clusters: tuple[Cluster, ...] = ("chemistry",),
    state: GatheringState = "announced",
) -> PublicEvent:
    """Return a gathering of two hours that begins in so much time, or did, if it is less than nothing."""
    begin = datetime.now(UTC) + begins
    data = Gathering(
        epoch=1,
        version=version,
        gathering_id=gathering_id,
        kind="workshop",
        title=title,
        language="de",
        starts_at=begin,
        ends_at=begin + timedelta(hours=2),
        time_zone="Europe/Berlin",
        place="Saal 1",
        clusters=clusters,
        registration_closes_at=begin,
        state=state,
    )
    return sealed(GatheringAnnounced, gathering_id, data, actor="manager")


def registration(
    registration_id: UUID,
    gathering_id: UUID,
    organisation_id: UUID = ALGA,
    *,
    version: int = 1,
    state: RegistrationState = "waiting",
) -> PublicEvent:
    data = Registration(
        epoch=1,
        version=version,
        registration_id=registration_id,
        gathering_id=gathering_id,
        organisation_id=organisation_id,
        state=state,
    )
    return sealed(RegistrationUpdated, registration_id, data)


def registration_erased(registration_id: UUID, version: int = 9) -> PublicEvent:
    data = RegistrationErasedState(epoch=1, version=version, registration_id=registration_id)
    return sealed(RegistrationErased, registration_id, data)


def sealed(
    event: type[EventT],
    key: UUID,
    data: State,
    *,
    correlation: UUID | None = None,
    causation: UUID | None = None,
    actor: ActorKind = "member",
    time: datetime | None = None,
) -> EventT:
    event_id, first = uuid4(), correlation or uuid4()
    fixed: dict[str, Any] = {name: event.model_fields[name].default for name in ("source", "type")}
    return event(
        id=event_id,
        subject=key,
        time=time or datetime.now(UTC),
        dataschema=schema_uri(event),
        sequence=sequence(data.epoch, data.version),
        traceparent=traceparent(first, event_id),
        correlationid=first,
        causationid=causation or first,
        actorkind=actor,
        data=data,
        **fixed,
    )
