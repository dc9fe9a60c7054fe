"""What one side answers alone makes no difference to anybody else: two worlds that differ in it alone look the same.

`HISTORIES=1000` tries more histories than the usual run.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, get_args
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.matches.decisions import DECIDER
from services.matching.matches.domain import (
    AnswerKind,
    Command,
    Match,
    Propose,
    Proposed,
    Respond,
    State,
    TakeDueStep,
    Withdraw,
    is_seen_by,
)
from services.matching.matches.projection import publish
from services.matching.matches.tests.examples import NOW, OTHER, SEEKER, proposal
from shared.runtime.commands import Change
from shared.runtime.decider import DomainEvent

pytestmark = pytest.mark.covers("M8")

HISTORIES: Final = int(os.environ.get("HISTORIES", "200"))
MATCH: Final = UUID(int=0x77)

Step = tuple[str, Any]
"""What happens in a world: an answer of the side that keeps a secret, one of the other, time passing, an end."""

answers = st.sampled_from(get_args(AnswerKind))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("secret"), st.tuples(answers, st.booleans()) | st.none()),
        st.tuples(st.just("open"), st.tuples(answers, st.booleans())),
        st.tuples(st.just("days"), st.integers(0, 9)),
        st.tuples(st.just("withdrawn"), st.none()),
    ),
    max_size=12,
)


@dataclass
class World:
    """One match, what was published of it, and what the side could see that has no secret."""

    state: State
    at: datetime = NOW
    published: list[Any] = field(default_factory=list)
    seen: list[DomainEvent] = field(default_factory=list)
    versions: int = 0

    def do(self, command: Command) -> None:
        """Decide it, and note what of it comes out."""
        before, events = self.state, DECIDER.decide(command, self.state)
        self.state = DECIDER.fold(events, before)
        assert isinstance(self.state, Match)
        change = Change(MATCH, before, self.state, events, 1, 1, self.versions + 1, self.at)
        publications = publish(change) if events else ()
        self.versions += bool(publications)
        self.published += [(one.event, one.data) for one in publications]
        self.seen += [event for event in events if is_seen_by(self.state.proposal.sides[1], event)]

    def go_on(self, step: Step, secret: tuple[AnswerKind, bool] | None) -> None:
        """Let something happen; of a secret answer the one that is given in this world, if any."""
        kind, what = step
        if kind == "days":
            self.at += timedelta(days=what)
            self.do(TakeDueStep(self.at))
        elif kind == "withdrawn":
            self.do(Withdraw("no_longer_fits"))
        elif answer := (secret if kind == "secret" else what):
            who = SEEKER if kind == "secret" else OTHER
            self.do(Respond(who, answer[0], "other", self.at, introduce_at_once=answer[1]))

    @property
    def open(self) -> bool:
        """Whether nothing is known yet of how it ends."""
        return isinstance(self.state, Match) and self.state.open


def told(world: World) -> tuple[Sequence[Any], Sequence[DomainEvent], datetime | None]:
    """What anybody but the side with the secret can know: topics, what the other side sees, what is due."""
    assert isinstance(world.state, Match)
    return world.published, world.seen, world.state.due_at


def state_of(world: World) -> str:
    assert isinstance(world.state, Match)
    return world.state.state


def a_world() -> World:
    world = World(DECIDER.initial)
    world.do(Propose(proposal()))
    return world


@settings(max_examples=HISTORIES, deadline=None)
@given(steps, st.data())
def test_two_worlds_that_differ_in_one_sides_answers_look_the_same_until_they_end(
    history: list[Step], data: st.DataObject
) -> None:
    one, other = a_world(), a_world()
    for step in history:
        one.go_on(step, step[1])
        other.go_on(step, data.draw(st.none() | st.tuples(answers, st.booleans())) if step[0] == "secret" else None)
        if not (one.open and other.open):
            break  # both have answered in one of them, or it has ended the same way in both
        assert told(one) == told(other)
    else:
        assert one.published[0] == other.published[0]
    if state_of(one) == state_of(other) in {"expired", "withdrawn"}:
        assert told(one) == told(other), "it ends the same way, whoever had answered"


def test_the_world_does_notice_what_both_answer() -> None:
    """The check above can fail: what is told changes as soon as both have answered."""
    one, other = a_world(), a_world()
    for world, secret in ((one, "yes"), (other, "not_now")):
        world.go_on(("secret", None), (secret, False))  # type: ignore[arg-type] # words of answers
        world.go_on(("open", ("yes", False)), None)
    assert told(one) != told(other)
    assert (state_of(one), state_of(other)) == ("agreed", "proposed")
    assert isinstance(one.seen[0], Proposed)
