"""Matches: who should meet whom, and why. Kept for ever, so it holds no name and no free text at all.

Ids of parties and entries are random per match: they link nothing across matches, and only matching resolves them.
"""

from datetime import date
from typing import Annotated, ClassVar, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from shared.contracts.envelope import Erased, PublicEvent, State, Value
from shared.contracts.organisations import Cluster, OrganisationKind
from shared.contracts.words import Code

TOPIC: Final = "matching.matches.v1"
PARTIES_TOPIC: Final = "matching.parties.v1"

MatchState = Literal[
    "proposed", "agreed", "introduced", "met", "cooperating", "project", "declined", "expired", "withdrawn"
]
Role = Literal["seeks", "offers", "both"]
AnchorKind = Literal["need-offer", "idea", "flow", "gathering"]
ReasonKind = Literal["text", "flow", "region", "readiness", "topic", "complement"]
Strength = Literal["strong", "good", "possible"]
EntryField = Literal["title", "text", "summary"]
ProposedBy = Literal["engine", "manager"]
OutcomeKind = Literal[
    "no_further_contact",
    "knowledge_gained",
    "valuable_later",
    "negotiating",
    "cooperation_agreed",
    "follow_up_project",
]

Score = Annotated[float, Field(ge=0, le=1)]
Funding = Annotated[int, Field(ge=0, le=1_000_000_000)]
Partners = Annotated[int, Field(ge=2, le=1_000)]


class Side(Value):
    """One of the two parties. `organisation_id` stays null until disclosed *and* consented to partner systems."""

    party: UUID
    organisation_id: UUID | None = None
    clusters: tuple[Cluster, ...]
    kind: OrganisationKind
    role: Role


class Anchor(Value):
    """What the match rests on: a need and an offer, an idea, ..."""

    kind: AnchorKind
    entries: tuple[UUID, ...]


class Reason(Value):
    """A position in a text: `[start, end)` in characters of `field` of `entry` in its `entry_version`."""

    kind: ReasonKind
    entry: UUID
    entry_version: int = Field(ge=1)
    field: EntryField
    start: int = Field(ge=0)
    end: int = Field(ge=1)
    weight: Score

    @model_validator(mode="after")
    def _points_at_something(self) -> "Reason":
        if self.end <= self.start:
            raise ValueError("end must lie behind start")
        return self


class Reasons(Value):
    """Why `party` should want the other side; each entry belongs to the other side."""

    party: UUID
    because: tuple[Reason, ...] = Field(min_length=1)


class Engine(Value):
    """Which engine proposed, so that a score can be reproduced from the inputs in the store."""

    name: Code
    version: Code
    parameters: Code
    snapshot: Code


class Outcome(Value):
    """What came of a match, as `party` said last; a correction takes the place of what it said before.

    `cooperation` is the kind of an agreed cooperation; the rest belongs to a follow-up project.
    """

    party: UUID
    outcome: OutcomeKind
    cooperation: Code | None = None
    funding_euro: Funding | None = None
    programme: Code | None = None
    partners: Partners | None = None
    recorded_at: AwareDatetime


class Match(State):
    """The complete public state of a match."""

    match_id: UUID
    state: MatchState
    sides: tuple[Side, Side]
    anchor: Anchor
    score: Score
    strength: Strength
    reasons: tuple[Reasons, Reasons]
    raise_it: tuple[Code, ...] = ()
    cross_cluster: bool
    proposed_by: ProposedBy = "engine"
    proposed_at: AwareDatetime
    expires_at: AwareDatetime
    introduced_at: AwareDatetime | None = None
    met_on: date | None = None
    outcomes: tuple[Outcome, ...] = ()
    engine: Engine


class PartyIdentity(Value):
    """Which organisation is which party, and whether the other side may know.

    `asked` says for which time it is asked what came of the match, 0 if it is not.
    """

    party: UUID
    organisation_id: UUID
    disclosed: bool
    asked: int = Field(default=0, ge=0)


class MatchParties(State):
    """Who the two parties of a match are; readable by events and notify only.

    `idea_id` is the idea that the match rests on, if it does; an anonymous one is not named, since a party owns it.
    `reminded`: both are reminded to answer, whether they have or not. `introduced`: each may have the other's contact.
    """

    match_id: UUID
    parties: tuple[PartyIdentity, PartyIdentity]
    idea_id: UUID | None = None
    reminded: bool = False
    introduced: bool = False


class MatchPartiesErasedState(Erased):
    """What remains of the parties of a match when one of them was erased."""

    match_id: UUID


class MatchProposed(PublicEvent):
    """Two organisations should meet; both are asked."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.match-proposed.v1"] = "innovationsmotor.match-proposed.v1"
    data: Match


class MatchAgreed(PublicEvent):
    """Both sides said yes."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.match-agreed.v1"] = "innovationsmotor.match-agreed.v1"
    data: Match


class MatchDeclined(PublicEvent):
    """Both sides said yes or no, and not both yes; nobody is told who declined."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.match-declined.v1"] = "innovationsmotor.match-declined.v1"
    data: Match


class MatchExpired(PublicEvent):
    """At least one side stayed silent until the proposal expired."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.match-expired.v1"] = "innovationsmotor.match-expired.v1"
    data: Match


class MatchWithdrawn(PublicEvent):
    """What the proposal rested on is no longer true or no longer consented to."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.match-withdrawn.v1"] = "innovationsmotor.match-withdrawn.v1"
    data: Match


class MatchIntroduced(PublicEvent):
    """A manager introduced the sides to each other, or both had allowed it at once."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.match-introduced.v1"] = "innovationsmotor.match-introduced.v1"
    data: Match


class MatchMet(PublicEvent):
    """The sides met, as one of them says; told again when the day is corrected."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.match-met.v1"] = "innovationsmotor.match-met.v1"
    data: Match


class OutcomeRecorded(PublicEvent):
    """A side said what came of it; a correction may take the state back."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.outcome-recorded.v1"] = "innovationsmotor.outcome-recorded.v1"
    data: Match


class CooperationReported(PublicEvent):
    """A side said that they agreed to work together."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.cooperation-reported.v1"] = "innovationsmotor.cooperation-reported.v1"
    data: Match


class ProjectStarted(PublicEvent):
    """A side said that they started a follow-up project."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.project-started.v1"] = "innovationsmotor.project-started.v1"
    data: Match


class MatchPartiesSet(PublicEvent):
    """The parties of a match are these organisations."""

    topic: ClassVar[str] = PARTIES_TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.match-parties-set.v1"] = "innovationsmotor.match-parties-set.v1"
    data: MatchParties


class MatchPartiesErased(PublicEvent):
    """A party of a match was erased; the last record of its key."""

    topic: ClassVar[str] = PARTIES_TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.match-parties-erased.v1"] = "innovationsmotor.match-parties-erased.v1"
    data: MatchPartiesErasedState


EVENTS: Final = (
    *(MatchProposed, MatchAgreed, MatchDeclined, MatchExpired, MatchWithdrawn),
    *(MatchIntroduced, MatchMet, OutcomeRecorded, CooperationReported, ProjectStarted),
)
PARTIES_EVENTS: Final = (MatchPartiesSet, MatchPartiesErased)
