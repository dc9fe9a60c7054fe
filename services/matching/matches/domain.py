"""A match: proposed to two sides, answered by each, agreed only if both say yes, and then followed to its end.

Nobody learns a one-sided answer: it changes nothing that the other side or a topic can see. What a side says came of
the match is told to the other only as far as it changes the match: a cooperation, a follow-up project.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import Value
from shared.contracts.matches import (
    AnchorKind,
    Engine,
    Funding,
    MatchState,
    OutcomeKind,
    Partners,
    ProposedBy,
    Reasons,
    Role,
    Score,
    Strength,
)
from shared.contracts.organisations import Cluster, OrganisationKind
from shared.contracts.text import Text
from shared.contracts.words import Code
from shared.runtime.decider import DomainEvent

LIFETIME: Final = timedelta(days=21)
"""Silence expires after this time."""

REMINDED_AFTER: Final = timedelta(days=14)
"""Who has not answered by then is reminded, and who has as well: nobody learns who it was for."""

ASKED_AFTER: Final = (timedelta(weeks=6), timedelta(weeks=26))
"""When the sides are asked what came of it, after they were introduced or said that they met."""

FROZEN_AFTER_NO: Final = timedelta(days=365)
"""How long a pair is not proposed again of which a side said no."""

FROZEN_AFTER_SILENCE: Final = timedelta(days=91)
"""How long a pair is not proposed again that ended with a *not now*, or unanswered."""

AGREED: Final[frozenset[MatchState]] = frozenset({"agreed", "introduced", "met", "cooperating", "project"})
"""What a match has come to once both sides said yes: each may know who the other is."""

INTRODUCED: Final = AGREED - {"agreed"}
"""From here on each side may have the other's contact card, and is asked what came of it."""

AnswerKind = Literal["yes", "no", "not_now"]
DeclineReason = Literal["not_relevant", "in_contact_already", "no_capacity", "wrong_partner", "other"]
WithdrawReason = Literal["consent", "anchor_gone", "no_longer_fits", "better_fit", "erased"]
ObjectionReason = Literal["clarify_first", "conflict_of_interest", "wrong_time", "other"]
IntroducedBy = Literal["manager", "both_sides"]
Cooperation = Literal[
    "joint_project", "pilot", "supply", "investment", "research", "licence", "service", "joint_offer", "other_kind"
]
Programme = Literal[
    "zim",
    "kmu_innovativ",
    "federal_programme",
    "bavarian_programme",
    "horizon_europe",
    "eurostars",
    "eu_life",
    "regional_development_fund",
    "foundation",
    "own_funds",
    "other_programme",
]
Feature = tuple[Code, float]
"""A number that the engine found for one direction of a pair, as it counted in the score."""


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
    """What is proposed, and what it rests on.

    `raise_it` says what would make it stronger; `features` how the score came about: why the first side would want the
    second, and why the second the first.
    """

    sides: tuple[Side, Side]
    anchor_kind: AnchorKind
    anchor: str
    round: int
    entries: tuple[EntryReference, ...]
    anchor_entries: tuple[UUID, ...]
    score: Score
    strength: Strength
    reasons: tuple[Reasons, Reasons]
    raise_it: tuple[Code, ...] = ()
    features: tuple[tuple[Feature, ...], tuple[Feature, ...]] = ((), ())
    cross_cluster: bool
    proposed_by: ProposedBy = "engine"
    engine: Engine
    proposed_at: AwareDatetime
    expires_at: AwareDatetime

    def side_of(self, organisation_id: UUID) -> Side | None:
        """Return the side that an organisation is, None if it is neither."""
        return next((side for side in self.sides if side.organisation_id == organisation_id), None)

    def other_side(self, side: Side) -> Side:
        """Return the other of the two sides."""
        return self.sides[1] if side == self.sides[0] else self.sides[0]


class Outcome(Value):
    """What came of a match, as one side says. Numbers and programme are those of a follow-up project."""

    outcome: OutcomeKind
    cooperation: Cooperation | None = None
    funding_euro: Funding | None = None
    programme: Programme | None = None
    partners: Partners | None = None


# Commands


@dataclass(frozen=True)
class Propose:
    """Propose that two organisations meet."""

    proposal: Proposal


@dataclass(frozen=True)
class Respond:
    """Answer for one side; an answer may be changed as long as the match is open.

    `introduce_at_once`: with this yes the side needs no introduction by a manager, if the other says so too.
    """

    organisation_id: UUID
    answer: AnswerKind
    reason: DeclineReason | None
    at: datetime
    introduce_at_once: bool = False


@dataclass(frozen=True)
class Withdraw:
    """End a proposal that is no longer true or no longer consented to."""

    reason: WithdrawReason


@dataclass(frozen=True)
class Introduce:
    """Introduce the sides to each other, as a manager does, with a note for both."""

    note: str | None
    at: datetime


@dataclass(frozen=True)
class Object:
    """Object to the introduction, for a side, before it happens."""

    organisation_id: UUID
    reason: ObjectionReason


@dataclass(frozen=True)
class WithdrawObjection:
    """Object no more, for that side."""

    organisation_id: UUID


@dataclass(frozen=True)
class RecordMeeting:
    """Say for one side when they met; said again it corrects the day."""

    organisation_id: UUID
    met_on: date
    at: datetime


@dataclass(frozen=True)
class RecordOutcome:
    """Say for one side what came of it; said again it corrects what that side said."""

    organisation_id: UUID
    outcome: Outcome
    at: datetime


@dataclass(frozen=True)
class TakeDueStep:
    """Do what is due: remind, expire, introduce whom both sides allowed to be, ask for the outcome."""

    at: datetime


@dataclass(frozen=True)
class EraseParties:
    """A side was erased: end the match if it is open, and let nobody know any more who the sides were."""


Command: TypeAlias = (
    Propose
    | Respond
    | Withdraw
    | Introduce
    | Object
    | WithdrawObjection
    | RecordMeeting
    | RecordOutcome
    | TakeDueStep
    | EraseParties
)


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
    introduce_at_once: bool = False


class Agreed(DomainEvent):
    """Both said yes."""

    stored_as: ClassVar[str] = "match-agreed.v1"


class Declined(DomainEvent):
    """Both said yes or no, and not both yes."""

    stored_as: ClassVar[str] = "match-declined.v1"


class Expired(DomainEvent):
    """At least one side stayed silent too long."""

    stored_as: ClassVar[str] = "match-expired.v1"


class Withdrawn(DomainEvent):
    """What it rested on is no longer there."""

    stored_as: ClassVar[str] = "match-withdrawn.v1"

    reason: WithdrawReason


class Reminded(DomainEvent):
    """Both sides were reminded, whether they had answered or not."""

    stored_as: ClassVar[str] = "match-reminded.v1"


class Objected(DomainEvent):
    """A manager of one side asked to wait with the introduction."""

    stored_as: ClassVar[str] = "match-objected.v1"

    party: UUID
    reason: ObjectionReason


class ObjectionWithdrawn(DomainEvent):
    """Nothing stands against the introduction any more."""

    stored_as: ClassVar[str] = "match-objection-withdrawn.v1"

    party: UUID


class Introduced(DomainEvent):
    """The sides were introduced to each other; each may have the other's contact card from now on."""

    stored_as: ClassVar[str] = "match-introduced.v1"

    by: IntroducedBy
    note: Text | None = None
    at: AwareDatetime


class Met(DomainEvent):
    """They met, as one side says."""

    stored_as: ClassVar[str] = "match-met.v1"

    party: UUID
    met_on: date
    at: AwareDatetime


class OutcomeAsked(DomainEvent):
    """These sides were asked what came of it, for so many times by now: those that may have something to say."""

    stored_as: ClassVar[str] = "match-outcome-asked.v1"

    time: Annotated[int, Field(ge=1, le=len(ASKED_AFTER))]
    parties: tuple[UUID, ...]


class OutcomeRecorded(DomainEvent):
    """One side said what came of it."""

    stored_as: ClassVar[str] = "match-outcome-recorded.v1"

    party: UUID
    outcome: Outcome
    at: AwareDatetime


class CooperationReported(DomainEvent):
    """They agreed to work together."""

    stored_as: ClassVar[str] = "match-cooperation-reported.v1"


class ProjectStarted(DomainEvent):
    """They started a follow-up project."""

    stored_as: ClassVar[str] = "match-project-started.v1"


class PartiesErased(DomainEvent):
    """A side was erased; others are told no longer who the sides were."""

    stored_as: ClassVar[str] = "match-parties-erased.v1"


# State


@dataclass(frozen=True)
class Unproposed:
    """Not there yet."""


class Response(Value):
    """A side's present answer."""

    party: UUID
    answer: AnswerKind
    reason: DeclineReason | None
    introduce_at_once: bool = False


class Objection(Value):
    """What a manager of a side has against the introduction."""

    party: UUID
    reason: ObjectionReason


class SaidOutcome(Value):
    """What a side says came of it, when it said so, and how often it had been asked by then."""

    party: UUID
    outcome: Outcome
    at: AwareDatetime
    asked: int


class Match(Value):
    """A match from its proposal on."""

    proposal: Proposal
    state: MatchState = "proposed"
    responses: tuple[Response, ...] = ()
    reminded: bool = False
    objection: Objection | None = None
    introduced_by: IntroducedBy | None = None
    note: Text | None = None
    introduced_at: AwareDatetime | None = None
    met_on: date | None = None
    met_told_at: AwareDatetime | None = None
    asked: int = 0
    asked_parties: tuple[UUID, ...] = ()
    outcomes: tuple[SaidOutcome, ...] = ()
    parties_erased: bool = False

    @property
    def open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state == "proposed"

    @property
    def introduces_itself(self) -> bool:
        """Whether it waits for no manager: both allowed an introduction at once, and nobody objected."""
        waits = self.state == "agreed" and self.objection is None and not self.parties_erased
        return waits and all(response.introduce_at_once for response in self.responses)

    @property
    def due_at(self) -> datetime | None:
        """When it is time for the next step that nobody has to ask for, None if there is none.

        It depends on no single answer.
        """
        proposal = self.proposal
        if self.parties_erased:
            return None
        if self.open:
            return proposal.expires_at if self.reminded else proposal.proposed_at + REMINDED_AFTER
        if self.introduces_itself:
            return proposal.proposed_at
        return next(iter(self.questions), None)

    @property
    def questions(self) -> Sequence[datetime]:
        """When the sides are still to be asked what came of it, since they were introduced or first said they met."""
        since = [at for at in (self.introduced_at, self.met_told_at) if at]
        return [max(since) + after for after in ASKED_AFTER[self.asked :]] if since else []

    def response(self, side: Side) -> Response | None:
        """Return a side's present answer, None if it gave none."""
        return next((response for response in self.responses if response.party == side.party), None)

    def outcome(self, side: Side) -> SaidOutcome | None:
        """Return what a side says came of it, None if it has not said yet."""
        return next((outcome for outcome in self.outcomes if outcome.party == side.party), None)

    def frozen_until(self, ended_at: datetime) -> datetime | None:
        """Return until when the pair is not proposed again if the match ended then, None as long as it stands."""
        if self.open or self.state in AGREED:
            return None
        if self.state == "withdrawn":
            return ended_at
        said_no = any(response.answer == "no" for response in self.responses)
        return ended_at + (FROZEN_AFTER_NO if said_no else FROZEN_AFTER_SILENCE)


State: TypeAlias = Unproposed | Match


def is_seen_by(side: Side, event: DomainEvent) -> bool:
    """Tell whether a side may know of an event: of what the other answered, said or was asked by itself it may not."""
    match event:
        case Answered(party=party) | OutcomeRecorded(party=party):
            return party == side.party
        case OutcomeAsked(parties=parties):
            return side.party in parties
    return True
