"""A match: proposed to two sides, answered by each, agreed only if both say yes.

Nobody learns a one-sided answer: it changes nothing that the other side or a topic can see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import AwareDatetime

from shared.contracts.envelope import Value
from shared.contracts.matches import AnchorKind, Engine, MatchState, Reasons, Role, Score, Strength
from shared.contracts.organisations import Cluster, OrganisationKind
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import Invalid, NotFound, Refused

LIFETIME: Final = timedelta(days=21)
"""Silence expires after this time."""

AnswerKind = Literal["yes", "no", "not_now"]
DeclineReason = Literal["not_relevant", "in_contact_already", "no_capacity", "wrong_partner", "other"]
WithdrawReason = Literal["consent", "anchor_gone", "no_longer_fits", "erased"]


class Side(Value):
    """One side as the store knows it; only here a party is an organisation. `hidden` until both agree."""

    party: UUID
    organisation_id: UUID
    clusters: tuple[Cluster, ...]
    kind: OrganisationKind
    role: Role
    hidden: bool = False


class EntryReference(Value):
    """What an entry's random id on the match topic stands for: an entry of an organisation in its own words."""

    entry: UUID
    organisation_id: UUID
    entry_id: str


class Proposal(Value):
    """What is proposed, and what it rests on."""

    sides: tuple[Side, Side]
    anchor_kind: AnchorKind
    anchor: str
    round: int
    entries: tuple[EntryReference, ...]
    anchor_entries: tuple[UUID, ...]
    score: Score
    strength: Strength
    reasons: tuple[Reasons, Reasons]
    cross_cluster: bool
    engine: Engine
    proposed_at: AwareDatetime
    expires_at: AwareDatetime

    def side_of(self, organisation_id: UUID) -> Side | None:
        """Return the side that an organisation is, None if it is neither."""
        return next((side for side in self.sides if side.organisation_id == organisation_id), None)

    def other_side(self, side: Side) -> Side:
        """Return the other of the two sides."""
        return self.sides[1] if side == self.sides[0] else self.sides[0]


# Commands


@dataclass(frozen=True)
class Propose:
    """Propose that two organisations meet."""

    proposal: Proposal


@dataclass(frozen=True)
class Respond:
    """Answer for one side; an answer may be changed as long as the match is open."""

    organisation_id: UUID
    answer: AnswerKind
    reason: DeclineReason | None
    at: AwareDatetime


@dataclass(frozen=True)
class Expire:
    """End a match that nobody answered in time."""

    at: AwareDatetime


@dataclass(frozen=True)
class Withdraw:
    """End a proposal that is no longer true or no longer consented to."""

    reason: WithdrawReason


@dataclass(frozen=True)
class EraseParties:
    """A side was erased: end the match if it is open, and let nobody know any more who the sides were."""


Command: TypeAlias = Propose | Respond | Expire | Withdraw | EraseParties


# Events


class Proposed(DomainEvent):
    """Two organisations should meet."""

    stored_as: ClassVar[str] = "match-proposed.v1"

    proposal: Proposal


class Answered(DomainEvent):
    """One side answered."""

    stored_as: ClassVar[str] = "match-answered.v1"

    party: UUID
    answer: AnswerKind
    reason: DeclineReason | None = None


class Agreed(DomainEvent):
    """Both said yes."""

    stored_as: ClassVar[str] = "match-agreed.v1"


class Declined(DomainEvent):
    """Both answered, and not both said yes."""

    stored_as: ClassVar[str] = "match-declined.v1"


class Expired(DomainEvent):
    """At least one side stayed silent too long."""

    stored_as: ClassVar[str] = "match-expired.v1"


class Withdrawn(DomainEvent):
    """What it rested on is no longer there."""

    stored_as: ClassVar[str] = "match-withdrawn.v1"

    reason: WithdrawReason


class PartiesErased(DomainEvent):
    """A side was erased; others are told no longer who the sides were."""

    stored_as: ClassVar[str] = "match-parties-erased.v1"


# State


@dataclass(frozen=True)
class Unproposed:
    """Not there yet."""


class Response(Value):
    """A side's present answer, and how often it answered."""

    party: UUID
    answer: AnswerKind
    reason: DeclineReason | None
    times: int


class Match(Value):
    """A match from its proposal on."""

    proposal: Proposal
    state: MatchState = "proposed"
    responses: tuple[Response, ...] = ()
    parties_erased: bool = False

    @property
    def open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state == "proposed"

    def response(self, side: Side) -> Response | None:
        """Return a side's present answer, None if it gave none."""
        return next((response for response in self.responses if response.party == side.party), None)


State: TypeAlias = Unproposed | Match


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about a match.

    Raises:
        NotFound: it was never proposed, or the answering organisation is not one of its sides.
        Refused: it is over, or was proposed already.
        Invalid: a no without a reason.
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
        case Expire(at):
            return [Expired()] if state.open and at >= state.proposal.expires_at else []
        case Withdraw(reason):
            return [Withdrawn(reason=reason)] if state.open else []
        case EraseParties():
            if state.parties_erased:
                return []
            return [*decide(Withdraw("erased"), state), PartiesErased()]


def _respond(command: Respond, state: Match) -> list[DomainEvent]:
    side = state.proposal.side_of(command.organisation_id)
    if side is None:
        raise NotFound("match")
    if command.answer == "no" and command.reason is None:
        raise Invalid("reason-missing", "Say with one of the reasons why not; only matching learns it.", field="reason")
    present = state.response(side)
    if present and (present.answer, present.reason) == (command.answer, command.reason):
        return []
    if not state.open:
        raise Refused("match-over", "This match is %(state)s; it can no longer be answered.", state=(state.state,))
    if command.at >= state.proposal.expires_at:
        raise Refused("match-over", "This match has expired; it can no longer be answered.")
    answered = Answered(party=side.party, answer=command.answer, reason=command.reason)
    other = state.response(state.proposal.other_side(side))
    if other is None:
        return [answered]
    return [answered, Agreed() if command.answer == other.answer == "yes" else Declined()]


_ENDS: Final[dict[type[DomainEvent], MatchState]] = {
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
    if isinstance(event, Answered):
        earlier = [response for response in state.responses if response.party == event.party]
        times = 1 + sum(response.times for response in earlier)
        response = Response(party=event.party, answer=event.answer, reason=event.reason, times=times)
        others = tuple(response for response in state.responses if response.party != event.party)
        return state.model_copy(update={"responses": (*others, response)})
    if isinstance(event, PartiesErased):
        return state.model_copy(update={"parties_erased": True})
    return state.model_copy(update={"state": _ENDS[type(event)]})


DECIDER: Final[Decider[Command, State]] = Decider(
    category="match",
    events=(Proposed, Answered, Agreed, Declined, Expired, Withdrawn, PartiesErased),
    initial=Unproposed(),
    decide=decide,
    evolve=evolve,
)
