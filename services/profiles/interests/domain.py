"""The interest of an organisation in an idea: "we would join".

One stream for each pair of idea and organisation, so that a hundred can join at once and none waits for another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias
from uuid import UUID, uuid5

from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import Refused


def interest_id(idea_id: UUID, organisation_id: UUID) -> UUID:
    """Return the id of the interest that this organisation has, had or may have in this idea."""
    return uuid5(idea_id, str(organisation_id))


# Commands


@dataclass(frozen=True)
class ShowInterest:
    """Say that an organisation would join an idea of `owner`."""

    idea_id: UUID
    organisation_id: UUID
    owner: UUID


@dataclass(frozen=True)
class WithdrawInterest:
    """Say that it would not any more."""


Command: TypeAlias = ShowInterest | WithdrawInterest


# Events


class InterestShown(DomainEvent):
    """An organisation would join."""

    stored_as: ClassVar[str] = "interest-shown.v1"

    idea_id: UUID
    organisation_id: UUID


class InterestWithdrawn(DomainEvent):
    """It would not any more."""

    stored_as: ClassVar[str] = "interest-withdrawn.v1"

    idea_id: UUID
    organisation_id: UUID


# State


@dataclass(frozen=True)
class Absent:
    """No interest shown, or not any more."""


@dataclass(frozen=True)
class Interest:
    """It would join."""

    idea_id: UUID
    organisation_id: UUID


State: TypeAlias = Absent | Interest


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about an interest.

    Raises:
        Refused: the idea is the organisation's own.
    """
    match command, state:
        case ShowInterest(idea_id, organisation_id, owner), Absent():
            if organisation_id == owner:
                raise Refused("own-idea", "This is your own idea.", field="organisation_id")
            return [InterestShown(idea_id=idea_id, organisation_id=organisation_id)]
        case WithdrawInterest(), Interest(idea_id, organisation_id):
            return [InterestWithdrawn(idea_id=idea_id, organisation_id=organisation_id)]
    return []


def evolve(state: State, event: DomainEvent) -> State:
    """Return the interest after an event."""
    match event:
        case InterestShown(idea_id=idea_id, organisation_id=organisation_id):
            return Interest(idea_id, organisation_id)
        case InterestWithdrawn():
            return Absent()
    return state


DECIDER: Final[Decider[Command, State]] = Decider(
    category="interest", events=(InterestShown, InterestWithdrawn), initial=Absent(), decide=decide, evolve=evolve
)
