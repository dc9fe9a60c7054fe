"""From a match's change to its rows here, and to what the topics may know: no name, no text, no one-sided answer."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.matching.matches.domain import Agreed, Declined, Expired, Match, PartiesErased, Proposed, State, Withdrawn
from shared.contracts import matches as public
from shared.contracts.envelope import PublicEvent
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.decider import DomainEvent
from shared.runtime.publication import Publication

INSERT = """
    WITH inserted AS (
        INSERT INTO match (id, version, public_version, state, lower_id, higher_id, anchor, round,
                           proposed_at, expires_at, doc)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    )
    INSERT INTO match_side (match_id, organisation_id, open) VALUES ($1, $5, true), ($1, $6, true)
"""

# An end frees a place on both sides, so both may get a new proposal.
UPDATE = """
    WITH updated AS (
        UPDATE match SET version = $2, public_version = $3, state = $4, doc = $5, decided_at = $8 WHERE id = $1
    ), sides AS (
        UPDATE match_side SET open = $6, answered = organisation_id = ANY($7::uuid[]) WHERE match_id = $1
        RETURNING organisation_id, old.open AND NOT new.open AS freed
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
}


async def project(connection: Connection, change: Change[State]) -> None:
    """Write the match's rows, in the transaction of the command."""
    match = change.state
    assert isinstance(match, Match)
    published = change.public_version if _public_type(change) else change.public_version - 1
    head = (change.id, change.version, published, match.state)
    if isinstance(change.before, Match):
        answered = [side.organisation_id for side in match.proposal.sides if match.response(side)]
        decided_at = None if match.open else change.at
        await connection.execute(UPDATE, *head, match.model_dump_json(), match.open, answered, decided_at)
        return
    proposal = match.proposal
    pair = sorted(side.organisation_id for side in proposal.sides)
    times = (proposal.proposed_at, proposal.expires_at)
    await connection.execute(INSERT, *head, *pair, proposal.anchor, proposal.round, *times, match.model_dump_json())


def publish(change: Change[State]) -> Sequence[Publication]:
    """Publish a proposal and its end, never a single answer."""
    match = change.state
    assert isinstance(match, Match)
    publications = []
    if event := _public_type(change):
        publications.append(Publication(event, change.id, _public_match(change, match), private_cause=True))
    if any(isinstance(event, PartiesErased) for event in change.events):
        end = public.MatchPartiesErasedState(epoch=change.epoch, version=change.public_version, match_id=change.id)
        publications.append(Publication(public.MatchPartiesErased, change.id, end))
    elif event and match.state in {"proposed", "agreed"}:
        publications.append(Publication(public.MatchPartiesSet, change.id, _parties(change, match)))
    return publications


def _public_type(change: Change[State]) -> type[PublicEvent] | None:
    return next((_PUBLISHED[type(event)] for event in change.events if type(event) in _PUBLISHED), None)


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
        cross_cluster=proposal.cross_cluster,
        proposed_at=proposal.proposed_at,
        expires_at=proposal.expires_at,
        engine=proposal.engine,
    )


def _parties(change: Change[State], match: Match) -> public.MatchParties:
    proposal = match.proposal
    first, second = (
        public.PartyIdentity(
            party=side.party,
            organisation_id=side.organisation_id,
            disclosed=not side.hidden or match.state == "agreed",
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
    )
