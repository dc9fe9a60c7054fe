"""One valid example of each event, with fixed ids and times. All content is invented."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from shared.contracts import access, contacts, conversations, gatherings, ideas, matches, organisations, registrations
from shared.contracts.envelope import ActorKind, PublicEvent, State, schema_uri, sequence, traceparent
from shared.contracts.rights import ApiKey, EndedSession

_START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _id(name: str) -> UUID:
    """Return the same random-looking id for the same name, always."""
    return uuid5(NAMESPACE_URL, f"urn:innovationsmotor:example:{name}")


_ORGANISATION: Final = _id("organisation")
_STARTUP: Final = _id("startup")
_IDEA: Final = _id("idea")
_CONTACT: Final = _id("contact")
_MATCH: Final = _id("match")
_CONVERSATION: Final = _id("conversation")
_MESSAGE: Final = _id("message")
_GATHERING: Final = _id("gathering")
_REGISTRATION: Final = _id("registration")
_ACCOUNT: Final = _id("account")
_SIGNING_KEY: Final = _id("signing key")
_SEEKING: Final = _id("party that seeks")
_OFFERING: Final = _id("party that offers")
_NEED_ENTRY: Final = _id("need, as the match names it")
_OFFER_ENTRY: Final = _id("offer, as the match names it")


def _organisation(version: int) -> organisations.ProfileUpdatedData:
    return organisations.ProfileUpdatedData(
        epoch=1,
        version=version,
        organisation_id=_ORGANISATION,
        name="Beispiel Lacke GmbH",
        kind="company",
        size="medium",
        country="DE",
        region="DE27",
        place="Kempten",
        latitude=47.73,
        longitude=10.31,
        founded=1987,
        industries=("C20.3",),
        languages=("de", "en"),
        web="https://lacke.example",
        summary="Wir fertigen wasserbasierte Lacke für den Maschinenbau.",
        summary_en="We make water-based paints for mechanical engineering.",
        summary_version=1,
        clusters=("chemistry",),
        consents=(
            organisations.Consent(cluster="chemistry", purpose="matching_inside"),
            organisations.Consent(cluster="chemistry", purpose="matching_across"),
        ),
        needs=(
            organisations.Entry(
                entry_id=_id("need"),
                version=2,
                kind="technology",
                title="Rückgewinnung von Lösemitteln",
                text="Wir suchen ein Verfahren, das Lösemittel aus unserem Spülwasser zurückgewinnt.",
                language="de",
                trl=7,
                ipr="granted",
                partner_kinds=("research", "startup"),
                partner_sizes=("micro", "small"),
                partner_regions=("DE2",),
                expires_on=date(2026, 9, 2),
                confirmed_on=date(2026, 3, 2),
            ),
        ),
        offers=(
            organisations.Entry(
                entry_id=_id("offer"),
                version=1,
                kind="pilot",
                title="Pilot site for filtration",
                text="We offer a place for a pilot plant beside our running production.",
                language="en",
            ),
        ),
        flows=(
            organisations.Flow(
                flow_id=_id("flow"),
                version=1,
                direction="out",
                substance="Spent isopropanol",
                cas="67-63-0",
                tonnes_per_year=12.5,
                purity=85,
                region="DE27",
                note="With about 15 % water.",
            ),
        ),
        changes=("needs",),
    )


def _idea(version: int, stage: ideas.Stage) -> ideas.Idea:
    return ideas.Idea(
        epoch=1,
        version=version,
        idea_id=_IDEA,
        title="Abwärme gemeinsam nutzen",
        text="Drei Betriebe am selben Standort könnten ihre Abwärme in ein kleines Netz geben.",
        text_version=1,
        language="de",
        tags=("Abwärme", "Energie"),
        visibility="anonymous",
        stage=stage,
        close_reason="taken_up" if stage == "closed" else None,
    )


def _reason(entry: UUID, start: int, end: int, weight: float) -> matches.Reason:
    return matches.Reason(kind="text", entry=entry, entry_version=2, field="text", start=start, end=end, weight=weight)


_PROJECT: Final = matches.Outcome(
    party=_SEEKING,
    outcome="follow_up_project",
    funding_euro=180_000,
    programme="zim",
    partners=3,
    recorded_at=_START + timedelta(days=60),
)
_COOPERATION: Final = matches.Outcome(
    party=_OFFERING, outcome="cooperation_agreed", cooperation="pilot", recorded_at=_START + timedelta(days=50)
)
_TALKS: Final = matches.Outcome(party=_OFFERING, outcome="negotiating", recorded_at=_START + timedelta(days=45))


def _match(version: int, state: matches.MatchState, *outcomes: matches.Outcome) -> matches.Match:
    introduced = state in {"introduced", "met", "cooperating", "project"}
    return matches.Match(
        epoch=1,
        version=version,
        match_id=_MATCH,
        state=state,
        sides=(
            matches.Side(party=_SEEKING, clusters=("chemistry",), kind="company", role="seeks"),
            matches.Side(party=_OFFERING, clusters=("environment",), kind="startup", role="offers"),
        ),
        anchor=matches.Anchor(kind="need-offer", entries=(_NEED_ENTRY, _OFFER_ENTRY)),
        score=0.71,
        strength="strong",
        reasons=(
            matches.Reasons(party=_SEEKING, because=(_reason(_OFFER_ENTRY, 14, 52, 0.83),)),
            matches.Reasons(party=_OFFERING, because=(_reason(_NEED_ENTRY, 4, 41, 0.71),)),
        ),
        cross_cluster=True,
        proposed_by="engine",
        proposed_at=_START,
        expires_at=_START + timedelta(days=21),
        introduced_at=_START + timedelta(days=3) if introduced else None,
        met_on=date(2026, 3, 12) if introduced and state != "introduced" else None,
        outcomes=outcomes,
        engine=matches.Engine(name="lexical", version="1", parameters="0123456789ab", snapshot="ba9876543210"),
    )


def _parties() -> matches.MatchParties:
    return matches.MatchParties(
        epoch=1,
        version=1,
        match_id=_MATCH,
        parties=(
            matches.PartyIdentity(party=_SEEKING, organisation_id=_ORGANISATION, disclosed=False),
            matches.PartyIdentity(party=_OFFERING, organisation_id=_STARTUP, disclosed=False),
        ),
    )


def _gathering(version: int, state: gatherings.GatheringState = "announced") -> gatherings.Gathering:
    return gatherings.Gathering(
        epoch=1,
        version=version,
        gathering_id=_GATHERING,
        kind="startup_day",
        title="Startup-Tag: Kreisläufe schließen",
        text="Zwölf junge Unternehmen zeigen, was sie können; am Nachmittag sprechen immer zwei miteinander.",
        language="de",
        starts_at=_START + timedelta(days=60),
        ends_at=_START + timedelta(days=60, hours=8),
        time_zone="Europe/Berlin",
        place="Beispielhalle, Musterstadt",
        link="https://startup-tag.example",
        capacity=80,
        clusters=("chemistry", "environment"),
        registration_closes_at=_START + timedelta(days=53),
        state=state,
    )


def _conversation(version: int) -> conversations.Conversation:
    return conversations.Conversation(
        epoch=1,
        version=version,
        conversation_id=_CONVERSATION,
        match_id=_MATCH,
        unread=(
            conversations.Unread(party=_SEEKING, messages=0),
            conversations.Unread(party=_OFFERING, messages=2, first=_MESSAGE),
        ),
    )


def _registration(version: int) -> registrations.Registration:
    return registrations.Registration(
        epoch=1,
        version=version,
        registration_id=_REGISTRATION,
        gathering_id=_GATHERING,
        organisation_id=_ORGANISATION,
        contact_id=_CONTACT,
        state="registered",
    )


def _event(event: type[PublicEvent], key: UUID, data: State, actor: ActorKind = "member") -> PublicEvent:
    event_id = _id(event.short_name())
    correlation = key if event.topic == matches.TOPIC else _id("request")
    fixed: dict[str, Any] = {name: event.model_fields[name].default for name in ("source", "type")}
    return event(
        id=event_id,
        subject=key,
        time=_START + timedelta(minutes=data.version - 1),
        dataschema=schema_uri(event),
        sequence=sequence(data.epoch, data.version),
        traceparent=traceparent(correlation, event_id),
        correlationid=correlation,
        causationid=correlation,
        actorkind=actor,
        data=data,
        **fixed,
    )


def _owner(version: int) -> ideas.IdeaOwner:
    return ideas.IdeaOwner(epoch=1, version=version, idea_id=_IDEA, organisation_id=_ORGANISATION)


def _contact(version: int) -> contacts.Contact:
    return contacts.Contact(
        epoch=1,
        version=version,
        contact_id=_CONTACT,
        organisation_id=_ORGANISATION,
        name="Kim Muster",
        email="kim.muster@lacke.example",
        phone="+49 30 23125 000",
        language="de",
    )


def _access(version: int) -> access.Access:
    return access.Access(
        epoch=1,
        version=version,
        account_id=_ACCOUNT,
        role="member",
        organisations=(_ORGANISATION,),
        ended_sessions=(EndedSession(session_id=_id("session"), until=_START + timedelta(hours=24)),),
        api_keys=(ApiKey(key_id=_id("API key"), digest="ab" * 32, scopes=("profiles:read", "matching:read")),),
    )


def _signing_key(version: int) -> access.SigningKey:
    return access.SigningKey(epoch=1, version=version, key_id=_SIGNING_KEY, x="A" * 43)


EXAMPLES: Final[tuple[PublicEvent, ...]] = (
    _event(organisations.ProfileUpdated, _ORGANISATION, _organisation(3)),
    _event(
        organisations.ProfileErased,
        _ORGANISATION,
        organisations.OrganisationErased(epoch=1, version=4, organisation_id=_ORGANISATION),
    ),
    _event(ideas.IdeaPosted, _IDEA, _idea(1, "posted")),
    _event(ideas.IdeaUpdated, _IDEA, _idea(2, "posted")),
    _event(ideas.IdeaClosed, _IDEA, _idea(3, "closed")),
    _event(ideas.IdeaErased, _IDEA, ideas.IdeaErasedState(epoch=1, version=4, idea_id=_IDEA)),
    _event(ideas.IdeaOwnerSet, _IDEA, _owner(1)),
    _event(ideas.IdeaOwnerErased, _IDEA, ideas.IdeaErasedState(epoch=1, version=2, idea_id=_IDEA)),
    _event(contacts.ContactUpdated, _CONTACT, _contact(1), "manager"),
    _event(contacts.ContactErased, _CONTACT, contacts.ContactErasedState(epoch=1, version=2, contact_id=_CONTACT)),
    _event(matches.MatchProposed, _MATCH, _match(1, "proposed"), "engine"),
    _event(matches.MatchAgreed, _MATCH, _match(2, "agreed")),
    _event(matches.MatchDeclined, _MATCH, _match(2, "declined")),
    _event(matches.MatchExpired, _MATCH, _match(2, "expired"), "system"),
    _event(matches.MatchWithdrawn, _MATCH, _match(2, "withdrawn"), "engine"),
    _event(matches.MatchIntroduced, _MATCH, _match(3, "introduced"), "manager"),
    _event(matches.MatchMet, _MATCH, _match(4, "met")),
    _event(matches.OutcomeRecorded, _MATCH, _match(5, "met", _TALKS)),
    _event(matches.CooperationReported, _MATCH, _match(6, "cooperating", _COOPERATION)),
    _event(matches.ProjectStarted, _MATCH, _match(7, "project", _COOPERATION, _PROJECT)),
    _event(matches.MatchPartiesSet, _MATCH, _parties(), "engine"),
    _event(
        matches.MatchPartiesErased,
        _MATCH,
        matches.MatchPartiesErasedState(epoch=1, version=2, match_id=_MATCH),
        "system",
    ),
    _event(conversations.ConversationUpdated, _CONVERSATION, _conversation(2)),
    _event(
        conversations.ConversationErased,
        _CONVERSATION,
        conversations.ConversationErasedState(epoch=1, version=3, conversation_id=_CONVERSATION),
        "system",
    ),
    _event(gatherings.GatheringAnnounced, _GATHERING, _gathering(1), "manager"),
    _event(gatherings.GatheringUpdated, _GATHERING, _gathering(2), "manager"),
    _event(gatherings.GatheringCancelled, _GATHERING, _gathering(3, "cancelled"), "manager"),
    _event(registrations.RegistrationUpdated, _REGISTRATION, _registration(1)),
    _event(
        registrations.RegistrationErased,
        _REGISTRATION,
        registrations.RegistrationErasedState(epoch=1, version=2, registration_id=_REGISTRATION),
        "system",
    ),
    _event(access.AccessUpdated, _ACCOUNT, _access(1)),
    _event(access.AccessClosed, _ACCOUNT, access.AccountClosed(epoch=1, version=2, account_id=_ACCOUNT), "manager"),
    _event(access.SigningKeyAnnounced, _SIGNING_KEY, _signing_key(1), "system"),
    _event(
        access.SigningKeyRetired,
        _SIGNING_KEY,
        access.SigningKeyRetiredState(epoch=1, version=2, key_id=_SIGNING_KEY),
        "system",
    ),
)
"""In the order of `registry.EVENTS`."""
