"""A proposal to test with, and organisations that fit."""

from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from services.matching.matches.domain import LIFETIME, EntryReference, Proposal, Side
from shared.contracts.envelope import PublicEvent, State, schema_uri, sequence, traceparent
from shared.contracts.ideas import Idea, IdeaOwner, IdeaOwnerSet, IdeaPosted, Stage, Visibility
from shared.contracts.matches import Engine, Reason, Reasons
from shared.contracts.organisations import Cluster, Consent, Entry, ProfileUpdated, ProfileUpdatedData

EventT = TypeVar("EventT", bound=PublicEvent)

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
TOO_LATE = NOW + LIFETIME

SEEKER = UUID(int=0xA)
OTHER = UUID(int=0xB)
SEEKING = UUID(int=1)
OFFERING = UUID(int=2)
NEED = UUID(int=3)
OFFER = UUID(int=4)

ALL_CONSENTS = tuple(
    Consent.model_validate({"cluster": cluster, "purpose": purpose})
    for cluster in ("chemistry", "environment")
    for purpose in ("matching_inside", "matching_across")
)


def proposal() -> Proposal:
    """Return a proposal of SEEKER's need NEED to OTHER with its offer OFFER."""
    cited, citing = UUID(int=5), UUID(int=6)
    return Proposal(
        sides=(
            Side(party=SEEKING, organisation_id=SEEKER, clusters=("chemistry",), kind="company", role="seeks"),
            Side(party=OFFERING, organisation_id=OTHER, clusters=("chemistry",), kind="startup", role="offers"),
        ),
        anchor_kind="need-offer",
        anchor=str(NEED),
        round=1,
        entries=(
            EntryReference(entry=citing, organisation_id=SEEKER, entry_id=str(NEED)),
            EntryReference(entry=cited, organisation_id=OTHER, entry_id=str(OFFER)),
        ),
        anchor_entries=(citing, cited),
        score=0.5,
        strength="strong",
        reasons=(_reasons(SEEKING, cited), _reasons(OFFERING, citing)),
        cross_cluster=False,
        engine=Engine(name="lexical", version="1", parameters="p", snapshot="s"),
        proposed_at=NOW,
        expires_at=NOW + LIFETIME,
    )


def _reasons(party: UUID, entry: UUID) -> Reasons:
    reason = Reason(kind="text", entry=entry, entry_version=1, field="text", start=0, end=9, weight=0.5)
    return Reasons(party=party, because=(reason,))


def entry(title: str, text: str, entry_id: UUID | None = None, version: int = 1) -> Entry:
    """Return a German need or offer of a technology."""
    return Entry(
        entry_id=entry_id or uuid4(), version=version, kind="technology", title=title, text=text, language="de"
    )


def profile(
    organisation_id: UUID,
    *,
    version: int = 1,
    needs: tuple[Entry, ...] = (),
    offers: tuple[Entry, ...] = (),
    consents: tuple[Consent, ...] = ALL_CONSENTS,
    clusters: tuple[Cluster, ...] = ("chemistry",),
) -> ProfileUpdated:
    """Return an organisation as profiles tells it."""
    data = ProfileUpdatedData(
        epoch=1,
        version=version,
        organisation_id=organisation_id,
        name=f"Beispiel {organisation_id.int}",
        kind="company",
        clusters=clusters,
        consents=consents,
        needs=needs,
        offers=offers,
        changes=("consents",) if version > 1 else (),
    )
    return _sealed(ProfileUpdated, organisation_id, data)


def idea(
    idea_id: UUID,
    title: str,
    text: str,
    *,
    visibility: Visibility = "public",
    version: int = 1,
    stage: Stage = "posted",
) -> IdeaPosted:
    """Return an idea as profiles tells it."""
    data = Idea(
        epoch=1,
        version=version,
        idea_id=idea_id,
        title=title,
        text=text,
        text_version=1,
        language="de",
        visibility=visibility,
        stage=stage,
    )
    return _sealed(IdeaPosted, idea_id, data)


def owner(idea_id: UUID, organisation_id: UUID) -> IdeaOwnerSet:
    """Return who is behind an idea."""
    return _sealed(
        IdeaOwnerSet, idea_id, IdeaOwner(epoch=1, version=1, idea_id=idea_id, organisation_id=organisation_id)
    )


def _sealed(event: type[EventT], key: UUID, data: State) -> EventT:
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
