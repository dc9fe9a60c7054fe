"""From a comparison of the engine to a proposal: random ids for what the topic may not name. Pure."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from services.matching.community.queries import Participant
from services.matching.engine.types import Comparison, Engine, Reason
from services.matching.matches.domain import LIFETIME, EntryReference, Proposal, Side
from shared.contracts import matches as public


def proposal(
    comparison: Comparison,
    seeker: Participant,
    other: Participant,
    *,
    engine: Engine,
    number: int,
    at: datetime,
    new_id: Callable[[], UUID],
    by: public.ProposedBy = "engine",
) -> Proposal:
    """Return what is proposed for a comparison; `number` is how often the pair is proposed for this anchor."""
    idea = next((one for one in seeker.ideas if str(one.idea_id) == comparison.anchor), None)
    seeking = _side(seeker, "seeks", new_id(), hidden=idea is not None and idea.visibility == "anonymous")
    offering = _side(other, "offers", new_id(), hidden=False)
    references = _references(comparison, seeking, offering, new_id)
    by_source = {(reference.organisation_id, reference.entry_id): reference.entry for reference in references}
    anchor_entry = by_source[seeking.organisation_id, comparison.anchor]
    best_entry = by_source[offering.organisation_id, comparison.forward[0].entry]

    def reasons(side: Side, whose: Side, cited: Iterable[Reason]) -> public.Reasons:
        named = (_reason(reason, by_source[whose.organisation_id, reason.entry]) for reason in cited)
        return public.Reasons(party=side.party, because=tuple(named))

    return Proposal(
        sides=(seeking, offering),
        anchor_kind="idea" if idea else "need-offer",
        anchor=comparison.anchor,
        round=number,
        entries=tuple(references),
        anchor_entries=(anchor_entry,) if idea else (anchor_entry, best_entry),
        score=comparison.score,
        strength=comparison.strength,
        reasons=(
            reasons(seeking, offering, comparison.forward),
            reasons(offering, seeking, comparison.backward),
        ),
        cross_cluster=comparison.cross_cluster,
        raise_it=comparison.raise_it,
        features=comparison.features,
        proposed_by=by,
        engine=public.Engine(
            name=engine.name, version=engine.version, parameters=engine.parameters, snapshot=engine.snapshot
        ),
        proposed_at=at,
        expires_at=at + LIFETIME,
    )


def _side(participant: Participant, role: public.Role, party: UUID, *, hidden: bool) -> Side:
    organisation = participant.organisation
    return Side(
        party=party,
        organisation_id=organisation.organisation_id,
        clusters=organisation.clusters,
        kind=organisation.kind,
        role=role,
        hidden=hidden,
    )


def _references(
    comparison: Comparison, seeking: Side, offering: Side, new_id: Callable[[], UUID]
) -> list[EntryReference]:
    cited = [
        (seeking.organisation_id, comparison.anchor),
        *((offering.organisation_id, reason.entry) for reason in comparison.forward),
        *((seeking.organisation_id, reason.entry) for reason in comparison.backward),
    ]
    return [
        EntryReference(entry=new_id(), organisation_id=owner, entry_id=entry) for owner, entry in dict.fromkeys(cited)
    ]


def _reason(reason: Reason, entry: UUID) -> public.Reason:
    return public.Reason.model_validate(
        {
            "kind": reason.kind,
            "entry": entry,
            "entry_version": reason.entry_version,
            "field": reason.field,
            "start": reason.start,
            "end": reason.end,
            "weight": reason.weight,
        }
    )
