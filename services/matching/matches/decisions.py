"""What may happen to a match, and what it then is. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.matching.matches.domain import (
    AGREED,
    INTRODUCED,
    Agreed,
    Answered,
    Command,
    CooperationReported,
    Declined,
    EraseParties,
    Expired,
    Introduce,
    Introduced,
    Match,
    Met,
    Object,
    Objected,
    Objection,
    ObjectionWithdrawn,
    Outcome,
    OutcomeAsked,
    OutcomeRecorded,
    PartiesErased,
    ProjectStarted,
    Propose,
    Proposed,
    RecordMeeting,
    RecordOutcome,
    Reminded,
    Respond,
    Response,
    SaidOutcome,
    Side,
    State,
    TakeDueStep,
    Unproposed,
    Withdraw,
    Withdrawn,
    WithdrawObjection,
)
from shared.contracts.matches import MatchState, OutcomeKind
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import Invalid, NotFound, Refused

_FURTHER_EAST: Final = timedelta(hours=14)
"""How much earlier than in UTC a day begins somewhere."""

_NOTHING_TO_ADD: Final[frozenset[OutcomeKind]] = frozenset({"no_further_contact", "follow_up_project"})
"""Who has said so is not asked once more."""


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about a match.

    Raises:
        NotFound: it was never proposed, or the organisation that it is done for is not one of its sides.
        Refused: it is over, has not come so far, or was proposed already.
        Invalid: what is said makes no sense, as a no without a reason.
    """
    if isinstance(command, Propose):
        if isinstance(state, Match):
            raise Refused("proposed-already", "This match was proposed already.")
        return [Proposed(proposal=command.proposal)]
    if isinstance(state, Unproposed):
        raise NotFound("match")
    match command:
        case Respond():
            return _respond(command, state)
        case Withdraw(reason):
            return [Withdrawn(reason=reason)] if state.open else []
        case Introduce() | Object() | WithdrawObjection():
            return _about_the_introduction(command, state)
        case RecordMeeting():
            return _record_meeting(command, state)
        case RecordOutcome():
            return _record_outcome(command, state)
        case TakeDueStep(at):
            return _due_step(state, at)
        case EraseParties():
            if state.parties_erased:
                return []
            return [*decide(Withdraw("erased"), state), PartiesErased()]


def _respond(command: Respond, state: Match) -> list[DomainEvent]:
    side = _side(state, command.organisation_id)
    if command.answer == "no" and command.reason is None:
        raise Invalid("reason-missing", "Say with one of the reasons why not; only matching learns it.", field="reason")
    answered = Answered(
        party=side.party,
        answer=command.answer,
        reason=command.reason,
        introduce_at_once=command.introduce_at_once and command.answer == "yes",
    )
    if state.response(side) == _response(answered):
        return []
    if not state.open:
        raise Refused("match-over", "This match is %(state)s; it can no longer be answered.", state=(state.state,))
    if command.at >= state.proposal.expires_at:
        raise Refused("match-over", "This match has expired; it can no longer be answered.")
    other = state.response(state.proposal.other_side(side))
    # A *not now* decides nothing: whoever said it may still say yes or no.
    if other is None or "not_now" in {answered.answer, other.answer}:
        return [answered]
    return [answered, Agreed() if answered.answer == other.answer == "yes" else Declined()]


def _about_the_introduction(command: Introduce | Object | WithdrawObjection, state: Match) -> list[DomainEvent]:
    if state.state in INTRODUCED:
        raise Refused("introduced-already", "They were introduced or have met already.")
    _require(state, AGREED)
    present = state.objection
    if isinstance(command, Introduce):
        if present is not None:
            raise Refused("introduction-objected", "The other side's manager asked to wait. Talk to each other first.")
        return [Introduced(by="manager", note=command.note, at=command.at)]
    party = _side(state, command.organisation_id).party
    if present is not None and present.party != party:
        raise Refused("objected-already", "The other side's manager asked to wait; only that side can take it back.")
    if isinstance(command, WithdrawObjection):
        return [ObjectionWithdrawn(party=party)] if present else []
    objected = Objected(party=party, reason=command.reason)
    return [] if present == _objection(objected) else [objected]


def _record_meeting(command: RecordMeeting, state: Match) -> list[DomainEvent]:
    side = _side(state, command.organisation_id)
    _require(state, AGREED)
    first, last = state.proposal.proposed_at.date(), (command.at + _FURTHER_EAST).date()
    if not first <= command.met_on <= last:
        raise Invalid(
            "no-such-meeting", "Say on which day they met: since the proposal, and not ahead.", field="met_on"
        )
    if command.met_on == state.met_on:
        return []
    return [Met(party=side.party, met_on=command.met_on, at=command.at)]


def _record_outcome(command: RecordOutcome, state: Match) -> list[DomainEvent]:
    side = _side(state, command.organisation_id)
    _require(state, INTRODUCED)
    _check(command.outcome)
    before = state.outcome(side)
    # Who is asked again and says the same has answered all the same.
    if before and (before.outcome, before.asked) == (command.outcome, state.asked):
        return []
    recorded = OutcomeRecorded(party=side.party, outcome=command.outcome, at=command.at)
    after = _with_outcome(state, recorded)
    if after.state == "project" != state.state:
        return [recorded, ProjectStarted()]
    if after.state == "cooperating" and state.state not in {"cooperating", "project"}:
        return [recorded, CooperationReported()]
    return [recorded]


def _due_step(state: Match, at: datetime) -> list[DomainEvent]:
    if state.due_at is None or at < state.due_at:
        return []
    if state.open:
        return [Expired() if at >= state.proposal.expires_at else Reminded()]
    if state.state == "agreed":
        return [Introduced(by="both_sides", at=at)]
    time = state.asked + sum(at >= due for due in state.questions)
    return [OutcomeAsked(time=time, parties=tuple(s.party for s in state.proposal.sides if _may_add(state, s, time)))]


def _may_add(state: Match, side: Side, time: int) -> bool:
    """Tell whether a side may have something to say: the first time one that has not said anything yet."""
    said = state.outcome(side)
    return said is None or (time > 1 and said.outcome.outcome not in _NOTHING_TO_ADD)


def _side(state: Match, organisation_id: UUID) -> Side:
    side = state.proposal.side_of(organisation_id)
    if side is None:
        raise NotFound("match")
    return side


def _require(state: Match, come_to: frozenset[MatchState]) -> None:
    if state.state not in come_to:
        raise Refused("not-so-far", "This match is %(state)s; it has not come so far.", state=(state.state,))
    if state.parties_erased:
        raise Refused("match-over", "A side of this match was erased.")


def _check(outcome: Outcome) -> None:
    if (outcome.outcome == "cooperation_agreed") != (outcome.cooperation is not None):
        raise Invalid("cooperation-kind", "Say for a cooperation of which kind it is.", field="cooperation")
    of_project = (outcome.funding_euro, outcome.programme, outcome.partners)
    if outcome.outcome != "follow_up_project" and any(one is not None for one in of_project):
        raise Invalid("no-project", "Funding and partners are those of a follow-up project.", field="outcome")


_STATES: Final[dict[type[DomainEvent], MatchState]] = {
    Agreed: "agreed",
    Declined: "declined",
    Expired: "expired",
    Withdrawn: "withdrawn",
}


def evolve(state: State, event: DomainEvent) -> State:
    """Return the match after an event."""
    if isinstance(event, Proposed):
        return Match(proposal=event.proposal)
    assert isinstance(state, Match)
    match event:
        case Answered():
            others = tuple(response for response in state.responses if response.party != event.party)
            return state.model_copy(update={"responses": (*others, _response(event))})
        case Reminded():
            return state.model_copy(update={"reminded": True})
        case Objected():
            return state.model_copy(update={"objection": _objection(event)})
        case ObjectionWithdrawn():
            return state.model_copy(update={"objection": None})
        case Introduced(by=by, note=note, at=at):
            introduced = {"introduced_by": by, "note": note, "introduced_at": at}
            return _in_its_state(state.model_copy(update=introduced))
        case Met(met_on=met_on, at=at):
            return _in_its_state(state.model_copy(update={"met_on": met_on, "met_told_at": state.met_told_at or at}))
        case OutcomeAsked(time=time, parties=parties):
            return state.model_copy(update={"asked": time, "asked_parties": parties})
        case OutcomeRecorded():
            return _with_outcome(state, event)
        case CooperationReported() | ProjectStarted():
            return state  # what the outcomes say already
        case PartiesErased():
            return state.model_copy(update={"parties_erased": True, "note": None})
    return state.model_copy(update={"state": _STATES[type(event)]})


def _response(event: Answered) -> Response:
    return Response(
        party=event.party, answer=event.answer, reason=event.reason, introduce_at_once=event.introduce_at_once
    )


def _objection(event: Objected) -> Objection:
    return Objection(party=event.party, reason=event.reason)


def _with_outcome(state: Match, event: OutcomeRecorded) -> Match:
    others = tuple(said for said in state.outcomes if said.party != event.party)
    said = SaidOutcome(party=event.party, outcome=event.outcome, at=event.at, asked=state.asked)
    return _in_its_state(state.model_copy(update={"outcomes": (*others, said)}))


def _in_its_state(state: Match) -> Match:
    """Return an agreed match in the furthest state that somebody says it has come to; a correction takes it back."""
    said = {each.outcome.outcome for each in state.outcomes}
    found: MatchState = "agreed"
    if "follow_up_project" in said:
        found = "project"
    elif "cooperation_agreed" in said:
        found = "cooperating"
    elif state.met_on is not None:
        found = "met"
    elif state.introduced_at is not None:
        found = "introduced"
    return state.model_copy(update={"state": found})


DECIDER: Final[Decider[Command, State]] = Decider(
    category="match",
    events=(
        *(Proposed, Answered, Reminded, Agreed, Declined, Expired, Withdrawn),
        *(Objected, ObjectionWithdrawn, Introduced, Met),
        *(OutcomeAsked, OutcomeRecorded, CooperationReported, ProjectStarted, PartiesErased),
    ),
    initial=Unproposed(),
    decide=decide,
    evolve=evolve,
)
