"""People, organisations and gatherings that the tests of this service speak of."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

from services.events.gatherings.domain import GatheringContent
from shared.contracts import contacts, matches, organisations
from shared.contracts.envelope import PublicEvent, State, schema_uri, sequence, traceparent
from shared.contracts.organisations import Cluster
from shared.runtime.access import Actor
from shared.runtime.publication import Cause

EventT = TypeVar("EventT", bound=PublicEvent)

ALGA: Final = UUID("a1a1a1a1-0000-4000-8000-000000000001")
"""A company of the chemistry cluster; Anna acts for it."""
BORA: Final = UUID("b0b0b0b0-0000-4000-8000-000000000002")
"""A startup of the environment cluster; Ben acts for it."""
CETO: Final = UUID("c0c0c0c0-0000-4000-8000-000000000003")
"""A company of the chemistry cluster; Cleo acts for it."""

ACTORS: Final = {
    "anna": Actor(actor="anna", role="member", organisations=frozenset({ALGA})),
    "ben": Actor(actor="ben", role="member", organisations=frozenset({BORA})),
    "cleo": Actor(actor="cleo", role="member", organisations=frozenset({CETO})),
    "mia": Actor(actor="mia", role="manager", clusters=frozenset({"chemistry"})),
    "eva": Actor(actor="eva", role="manager", clusters=frozenset({"environment"})),
    "max": Actor(actor="max", role="manager", clusters=frozenset({"chemistry", "environment"})),
    "ole": Actor(actor="ole", role="operator"),
    "ina": Actor(actor="ina", role="integrator"),
}

CAUSE: Final = Cause("tests", "manager", uuid4(), uuid4())
NOW: Final = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def content(at: datetime = NOW, **more: Any) -> GatheringContent:
    """Return a gathering of chemistry, ten days after `at`."""
    start = at + timedelta(days=10)
    return GatheringContent(
        **{
            "kind": "startup_day",
            "title": "Startup day",
            "language": "en",
            "starts_at": start,
            "ends_at": start + timedelta(hours=8),
            "place": "Hall 1",
            "clusters": ("chemistry",),
            **more,
        }
    )


def body(**more: Any) -> dict[str, Any]:
    """Return a gathering ten days from today as a request body."""
    found = content(datetime.now(UTC).replace(microsecond=0)).model_dump(mode="json", exclude_none=True)
    return {**found, **more}


def organisation(organisation_id: UUID, name: str, *clusters: Cluster, version: int = 1) -> PublicEvent:
    """Return an organisation as profiles tells it."""
    data = organisations.ProfileUpdatedData(
        epoch=1,
        version=version,
        organisation_id=organisation_id,
        name=name,
        kind="company",
        summary="What nobody here needs",
        clusters=clusters or ("chemistry",),
    )
    return sealed(organisations.ProfileUpdated, organisation_id, data)


def erased_organisation(organisation_id: UUID, version: int = 2) -> PublicEvent:
    """Return its end."""
    data = organisations.OrganisationErased(epoch=1, version=version, organisation_id=organisation_id)
    return sealed(organisations.ProfileErased, organisation_id, data)


def contact(contact_id: UUID, organisation_id: UUID, name: str) -> PublicEvent:
    """Return a person as profiles tells it."""
    data = contacts.Contact(
        epoch=1,
        version=1,
        contact_id=contact_id,
        organisation_id=organisation_id,
        name=name,
        email="someone@example.org",
        phone="+49 30 23125 000",
    )
    return sealed(contacts.ContactUpdated, contact_id, data)


def erased_contact(contact_id: UUID) -> PublicEvent:
    """Return its end."""
    data = contacts.ContactErasedState(epoch=1, version=2, contact_id=contact_id)
    return sealed(contacts.ContactErased, contact_id, data)


def match(match_id: UUID, state: matches.MatchState, version: int) -> PublicEvent:
    """Return how a match stands."""
    one, two = uuid4(), uuid4()
    reason = matches.Reason(kind="text", entry=uuid4(), entry_version=1, field="text", start=0, end=9, weight=0.5)
    data = matches.Match(
        epoch=1,
        version=version,
        match_id=match_id,
        state=state,
        sides=(
            matches.Side(party=one, clusters=("chemistry",), kind="company", role="seeks"),
            matches.Side(party=two, clusters=("environment",), kind="startup", role="offers"),
        ),
        anchor=matches.Anchor(kind="need-offer", entries=()),
        score=0.5,
        strength="good",
        reasons=(matches.Reasons(party=one, because=(reason,)), matches.Reasons(party=two, because=(reason,))),
        cross_cluster=True,
        proposed_at=NOW,
        expires_at=NOW + timedelta(days=21),
        engine=matches.Engine(name="e", version="1", parameters="p", snapshot="s"),
    )
    kinds: dict[matches.MatchState, type[PublicEvent]] = {
        "proposed": matches.MatchProposed,
        "agreed": matches.MatchAgreed,
        "introduced": matches.MatchIntroduced,
        "met": matches.MatchMet,
        "withdrawn": matches.MatchWithdrawn,
    }
    return sealed(kinds[state], match_id, data)


def parties(match_id: UUID, first: UUID, second: UUID) -> PublicEvent:
    """Return who the parties of a match are."""
    data = matches.MatchParties(
        epoch=1,
        version=1,
        match_id=match_id,
        parties=(
            matches.PartyIdentity(party=uuid4(), organisation_id=first, disclosed=True),
            matches.PartyIdentity(party=uuid4(), organisation_id=second, disclosed=True),
        ),
    )
    return sealed(matches.MatchPartiesSet, match_id, data)


def sealed(event: type[EventT], key: UUID, data: State) -> EventT:
    """Return an event in its envelope."""
    event_id = uuid4()
    return event.model_validate(
        {
            "id": event_id,
            "subject": key,
            "time": NOW,
            "dataschema": schema_uri(event),
            "sequence": sequence(data.epoch, data.version),
            "traceparent": traceparent(key, event_id),
            "correlationid": uuid4(),
            "causationid": uuid4(),
            "actorkind": "member",
            "data": data,
        }
    )
