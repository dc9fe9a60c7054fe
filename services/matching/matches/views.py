"""A match as one side may see it: the other's words, its own answer, never the other's; step by step more of them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from services.matching.community.queries import Participant
from services.matching.matches.domain import (
    AGREED,
    INTRODUCED,
    AnswerKind,
    DeclineReason,
    EntryReference,
    IntroducedBy,
    Match,
    ObjectionReason,
    Outcome,
    Side,
    is_seen_by,
)
from services.matching.matches.sentences import around
from shared.contracts.envelope import ActorKind
from shared.contracts.matches import MatchState, ReasonKind, Reasons, Strength
from shared.contracts.organisations import Cluster, OrganisationKind
from shared.runtime.access import Actor
from shared.runtime.decider import DomainEvent

Action = Literal["answer", "introduce", "object", "withdraw_objection", "record_meeting", "record_outcome"]
"""What the reader may do with a match as it is."""


class ReasonView(BaseModel):
    """A reason as a phrase, and what stands before and after it in its sentence.

    `phrase` is null when its text has changed since, or may not be shown yet.
    """

    kind: ReasonKind
    title: str | None
    phrase: str | None
    before: str
    after: str
    weight: float


class FeatureView(BaseModel):
    """A number that counted in the score."""

    name: str
    value: float


class OtherView(BaseModel):
    """The other side; as long as it stays anonymous nothing is told of it."""

    organisation_id: UUID | None
    name: str | None
    kind: OrganisationKind | None
    clusters: tuple[Cluster, ...]


class StepView(BaseModel):
    """Something that happened to a match. `ours` tells that this side did it, `by` who did it for this side.

    `code` says more: the answer, the outcome, the reason.
    """

    what: str
    at: datetime
    ours: bool
    by: ActorKind | None
    code: str | None


class MatchView(BaseModel):
    """A match as one side sees it: who, why each would want the other, what this side said, and how far it came.

    `cross_cluster` is null, and numbers are missing, as long as they would say something about who stays anonymous.
    `unread` counts the messages that this side has not read.
    `objection` is why a manager asks to wait with the introduction; `asked` tells that this side is asked for the
    outcome, and has not told it since.
    """

    id: UUID
    version: int
    organisation_id: UUID
    organisation_name: str | None
    state: MatchState
    score: float
    strength: Strength
    cross_cluster: bool | None
    other: OtherView
    anchor_title: str | None
    why_you_want_them: list[ReasonView]
    why_they_want_you: list[ReasonView]
    raise_it: tuple[str, ...]
    score_for_you: list[FeatureView]
    score_for_them: list[FeatureView]
    answer: AnswerKind | None
    answer_reason: DeclineReason | None
    introduce_at_once: bool
    proposed_at: datetime
    expires_at: datetime
    objection: ObjectionReason | None
    introduced_at: datetime | None
    introduced_by: IntroducedBy | None
    note: str | None
    met_on: date | None
    asked: bool
    outcome: Outcome | None
    unread: int
    actions: list[Action]


class MatchDetail(MatchView):
    """A match with what happened to it, as far as this side may know."""

    steps: list[StepView]


class MatchPage(BaseModel):
    """A page of matches, newest first; `next` is the `after` of the following page."""

    items: list[MatchView]
    next: UUID | None = None


def view_of(row: Mapping[str, Any], match: Match, known: dict[UUID, Participant], actor: Actor) -> MatchView:
    """Return a match as the side sees it that the row names."""
    proposal = match.proposal
    own = proposal.side_of(row["organisation_id"])
    assert own is not None
    other = proposal.other_side(own)
    hidden = other.hidden and match.state not in AGREED
    mine_known, person = known.get(own.organisation_id), known.get(other.organisation_id)
    mine, theirs = sorted(proposal.reasons, key=lambda reasons: reasons.party != own.party)
    features = proposal.features if own == proposal.sides[0] else proposal.features[::-1]
    response, said = match.response(own), match.outcome(own)
    # What an anonymous side says elsewhere would give it away; until both agree only its idea is shown.
    shown = {reference.entry: reference for reference in proposal.entries if not hidden or _may_show(reference, match)}
    return MatchView(
        id=row["id"],
        version=row["seen"],
        organisation_id=own.organisation_id,
        organisation_name=mine_known.organisation.name if mine_known else None,
        state=match.state,
        score=proposal.score,
        strength=proposal.strength,
        cross_cluster=None if hidden else proposal.cross_cluster,
        other=OtherView(
            organisation_id=None if hidden else other.organisation_id,
            name=person.organisation.name if person and not hidden else None,
            kind=None if hidden else other.kind,
            clusters=() if hidden else other.clusters,
        ),
        anchor_title=_title(known, proposal.sides[0], proposal.anchor),
        why_you_want_them=_reasons(mine, shown, known),
        why_they_want_you=_reasons(theirs, shown, known),
        raise_it=proposal.raise_it,
        score_for_you=[] if hidden else [FeatureView(name=name, value=value) for name, value in features[0]],
        score_for_them=[] if hidden else [FeatureView(name=name, value=value) for name, value in features[1]],
        answer=response.answer if response else None,
        answer_reason=response.reason if response else None,
        introduce_at_once=response is not None and response.introduce_at_once,
        proposed_at=proposal.proposed_at,
        expires_at=proposal.expires_at,
        objection=match.objection.reason if match.objection else None,
        introduced_at=match.introduced_at,
        introduced_by=match.introduced_by,
        note=match.note,
        met_on=match.met_on,
        asked=own.party in match.asked_parties and (said is None or said.asked < match.asked),
        outcome=said.outcome if said else None,
        unread=row["unread"],
        actions=_actions(match, own, actor),
    )


def steps_of(rows: Sequence[Mapping[str, Any]], own: Side, events: Mapping[str, type[DomainEvent]]) -> list[StepView]:
    """Return what a side may know of the stored events of a match, oldest first."""
    found = [(row, events[row["type"]].model_validate_json(row["data"])) for row in rows]
    return [_step(row, event, own) for row, event in found if is_seen_by(own, event)]


def _step(row: Mapping[str, Any], event: DomainEvent, own: Side) -> StepView:
    ours = getattr(event, "party", None) == own.party
    outcome = getattr(event, "outcome", None)
    codes = (getattr(event, name, None) for name in ("answer", "reason", "by"))
    return StepView(
        what=event.stored_as.removeprefix("match-").removesuffix(".v1"),
        at=row["at"],
        ours=ours,
        by=row["actor_kind"] if ours else None,
        code=outcome.outcome if outcome else next((code for code in codes if code), None),
    )


def _actions(match: Match, own: Side, actor: Actor) -> list[Action]:
    if match.open:
        return ["answer"]
    if match.state not in AGREED or match.parties_erased:
        return []
    found: list[Action] = ["record_meeting"]
    if match.state in INTRODUCED:
        found.append("record_outcome")
    elif actor.role == "manager" and match.objection is None:
        found.append("object" if own.role == "offers" else "introduce")
    elif actor.role == "manager" and match.objection and match.objection.party == own.party:
        found.append("withdraw_objection")
    return found


def _may_show(reference: EntryReference, match: Match) -> bool:
    proposal = match.proposal
    owner = proposal.side_of(reference.organisation_id)
    return owner is None or not owner.hidden or reference.entry_id == proposal.anchor


def _reasons(reasons: Reasons, shown: dict[UUID, EntryReference], known: dict[UUID, Participant]) -> list[ReasonView]:
    views = []
    for reason in reasons.because:
        title, phrase, before, after = None, None, "", ""
        if (reference := shown.get(reason.entry)) and (owner := known.get(reference.organisation_id)):
            text = owner.text(reference.entry_id, reason.entry_version, reason.field)
            title = owner.text(reference.entry_id, reason.entry_version, "title")
            if text:
                phrase = text[reason.start : reason.end]
                before, after = around(text, reason.start, reason.end)
        views.append(
            ReasonView(kind=reason.kind, title=title, phrase=phrase, before=before, after=after, weight=reason.weight)
        )
    return views


def _title(known: dict[UUID, Participant], seeking: Side, anchor: str) -> str | None:
    owner = known.get(seeking.organisation_id)
    if owner is None:
        return None
    return next((need.title for need in owner.organisation.needs if str(need.entry_id) == anchor), None) or next(
        (idea.title for idea in owner.ideas if str(idea.idea_id) == anchor), None
    )
