"""The decider pattern: a command and a state give events, events give the next state. Pure types, no I/O.

Source: Jérémie Chassaing, "Functional Event Sourcing Decider" (2021).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

CommandT = TypeVar("CommandT")
StateT = TypeVar("StateT")


class DomainEvent(BaseModel):
    """A fact in a stream, past tense. `stored_as` is its name in the store and carries its schema version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stored_as: ClassVar[str]

    def upcast(self) -> "DomainEvent":
        """Return what this event means today; an event of an old schema version overrides this."""
        return self


@dataclass(frozen=True)
class Decider(Generic[CommandT, StateT]):
    """How one kind of aggregate decides.

    Attributes:
        category: first part of its stream names.
        events: every type that its streams may hold, also those of old schema versions.
        initial: the state before the first event.
        decide: returns the events that a command causes, none if there is nothing to do; raises `Refused`.
        evolve: returns the state after an event. Never refuses: what happened, happened.
    """

    category: str
    events: tuple[type[DomainEvent], ...]
    initial: StateT
    decide: Callable[[CommandT, StateT], Sequence[DomainEvent]]
    evolve: Callable[[StateT, DomainEvent], StateT]

    def fold(self, events: Iterable[DomainEvent], state: StateT | None = None) -> StateT:
        """Return the state after `events`, from `state` or from the beginning."""
        return reduce(self.evolve, events, self.initial if state is None else state)
