"""Matches: who should meet whom, and why. Kept for ever, so it holds no name and no free text at all.

Ids of parties and entries are random per match: they link nothing across matches, and only matching resolves them.
"""

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

Score = Annotated[float, Field(ge=0, le=1)]


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
    proposed_by: Literal["engine", "manager"] = "engine"
    proposed_at: AwareDatetime
    expires_at: AwareDatetime
    engine: Engine


class PartyIdentity(Value):
    """Which organisation is which party, and whether the other side may know."""

    party: UUID
    organisation_id: UUID
    disclosed: bool


class MatchParties(State):
    """Who the two parties of a match are; readable by events and notify only.

    `idea_id` is the idea that the match rests on, if it does; an anonymous one is not named, since a party owns it.
    """

    match_id: UUID
    parties: tuple[PartyIdentity, PartyIdentity]
    idea_id: UUID | None = None


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
    """Both sides answered and not both said yes; nobody is told who declined."""

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


EVENTS: Final = (MatchProposed, MatchAgreed, MatchDeclined, MatchExpired, MatchWithdrawn)
PARTIES_EVENTS: Final = (MatchPartiesSet, MatchPartiesErased)
