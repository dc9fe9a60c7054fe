"""From a match's change to its rows here, and to what the topics may know: no name, no text, no one-sided answer."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.matching.matches.domain import (
    AGREED,
    INTRODUCED,
    Agreed,
    CooperationReported,
    Declined,
    Expired,
    Introduced,
    Match,
    Met,
    OutcomeRecorded,
    PartiesErased,
    ProjectStarted,
    Proposed,
    SaidOutcome,
    State,
    Withdrawn,
    is_seen_by,
)
from shared.contracts import matches as public
from shared.contracts.envelope import PublicEvent
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.decider import DomainEvent
from shared.runtime.publication import Publication

INSERT = """
    WITH inserted AS (
        INSERT INTO match (id, version, public_version, state, doc, due_at, lower_id, higher_id, anchor, round,
                           proposed_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    )
    INSERT INTO match_side (match_id, organisation_id, open) VALUES ($1, $7, true), ($1, $8, true)
"""

# An end frees a place on both sides, so both may get a new proposal.
UPDATE = """
    WITH updated AS (
        UPDATE match SET version = $2, public_version = coalesce($3::bigint, public_version), state = $4, doc = $5,
                         due_at = $6,
                         decided_at = CASE WHEN $7 THEN NULL ELSE coalesce(decided_at, $8::timestamptz) END,
                         frozen_until = coalesce($9::timestamptz, 'infinity')
        WHERE id = $1
    ), sides AS (
        UPDATE match_side SET open = $7, answered = now.answered, seen = match_side.seen + now.seen
        FROM unnest($10::uuid[], $11::bool[], $12::int[]) AS now (organisation_id, answered, seen)
        WHERE match_id = $1 AND match_side.organisation_id = now.organisation_id
        RETURNING match_side.organisation_id, old.open AND NOT new.open AS freed
    )
    INSERT INTO recomputation AS present (kind, id, urgent, correlation, causation)
    SELECT 'organisation', organisation_id, false, $1, $1 FROM sides WHERE freed ORDER BY organisation_id
    ON CONFLICT (kind, id) DO UPDATE SET token = DEFAULT
"""

_PUBLISHED: Final[dict[type[DomainEvent], type[PublicEvent]]] = {
    Proposed: public.MatchProposed,
    Agreed: public.MatchAgreed,
    Declined: public.MatchDeclined,
    Expired: public.MatchExpired,
    Withdrawn: public.MatchWithdrawn,
    Introduced: public.MatchIntroduced,
    Met: public.MatchMet,
    OutcomeRecorded: public.OutcomeRecorded,
    CooperationReported: public.CooperationReported,
    ProjectStarted: public.ProjectStarted,
}


async def project(connection: Connection, change: Change[State]) -> None:
    """Write the match's rows, in the transaction of the command."""
    match = change.state
    assert isinstance(match, Match)
    proposal = match.proposal
    published = change.public_version if _public_type(change) else None
    head = (change.id, change.version, published, match.state, match.model_dump_json(), match.due_at)
    if isinstance(change.before, Match):
        ends = (match.open, change.at, match.frozen_until(change.at))
        await connection.execute(UPDATE, *head, *ends, *_sides(change, match, change.before))
        return
    pair = sorted(side.organisation_id for side in proposal.sides)
    times = (proposal.proposed_at, proposal.expires_at)
    await connection.execute(INSERT, *head, *pair, proposal.anchor, proposal.round, *times)


def _sides(change: Change[State], match: Match, before: Match) -> tuple[list[UUID], list[bool], list[int]]:
    """Return the organisations, whether each has answered, and how many more changes each may see."""
    sides = match.proposal.sides
    seen = [sum(is_seen_by(side, event) for event in change.events) for side in sides]
    changed = match.state != before.state
    return (
        [side.organisation_id for side in sides],
        [match.response(side) is not None for side in sides],
        [max(each, int(changed)) for each in seen],
    )


def publish(change: Change[State]) -> Sequence[Publication]:
    """Publish a proposal, its end and what came of it, never a single answer."""
    match = change.state
    assert isinstance(match, Match)
    publications = []
    if event := _public_type(change):
        publications.append(Publication(event, change.id, _public_match(change, match), private_cause=True))
    if any(isinstance(event, PartiesErased) for event in change.events):
        end = public.MatchPartiesErasedState(epoch=change.epoch, version=change.public_version, match_id=change.id)
        publications.append(Publication(public.MatchPartiesErased, change.id, end))
    elif not match.parties_erased and _told_of_parties(match) != _told_of_parties(change.before):
        publications.append(Publication(public.MatchPartiesSet, change.id, _parties(change, match)))
    return publications


def _public_type(change: Change[State]) -> type[PublicEvent] | None:
    """Return the furthest step of a change; a topic gets one record of it."""
    steps = [_PUBLISHED[type(event)] for event in change.events if type(event) in _PUBLISHED]
    return steps[-1] if steps else None


def _public_match(change: Change[State], match: Match) -> public.Match:
    proposal = match.proposal
    first, second = (
        public.Side(party=side.party, clusters=side.clusters, kind=side.kind, role=side.role) for side in proposal.sides
    )
    return public.Match(
        epoch=change.epoch,
        version=change.public_version,
        match_id=change.id,
        state=match.state,
        sides=(first, second),
        anchor=public.Anchor(kind=proposal.anchor_kind, entries=proposal.anchor_entries),
        score=proposal.score,
        strength=proposal.strength,
        reasons=proposal.reasons,
        raise_it=proposal.raise_it,
        cross_cluster=proposal.cross_cluster,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        expires_at=proposal.expires_at,
        introduced_at=match.introduced_at,
        met_on=match.met_on,
        outcomes=tuple(_outcome(said) for said in match.outcomes),
        engine=proposal.engine,
    )


def _outcome(said: SaidOutcome) -> public.Outcome:
    return public.Outcome(party=said.party, recorded_at=said.at, **said.outcome.model_dump())


def _told_of_parties(match: State) -> object:
    """Return what of a match the readers of its parties are told besides who they are."""
    if not isinstance(match, Match):
        return None
    return match.state in AGREED, match.state in INTRODUCED, match.reminded, match.asked, match.asked_parties


def _parties(change: Change[State], match: Match) -> public.MatchParties:
    proposal = match.proposal
    first, second = (
        public.PartyIdentity(
            party=side.party,
            organisation_id=side.organisation_id,
            disclosed=not side.hidden or match.state in AGREED,
            asked=match.asked if side.party in match.asked_parties else 0,
        )
        for side in proposal.sides
    )
    # Beside its owner an anonymous idea may stand in matching alone, also after both agreed.
    named = proposal.anchor_kind == "idea" and not any(side.hidden for side in proposal.sides)
    return public.MatchParties(
        epoch=change.epoch,
        version=change.public_version,
        match_id=change.id,
        parties=(first, second),
        idea_id=UUID(proposal.anchor) if named else None,
        reminded=match.reminded,
        introduced=match.state in INTRODUCED,
    )
