from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.events.gatherings.domain import Gathering
from services.events.registrations.domain import (
    DECIDER,
    CancelRegistration,
    Command,
    EraseRegistration,
    MovedUp,
    MoveUp,
    PutOnWaitingList,
    Register,
    Registered,
    Registration,
    RegistrationCancelled,
    RegistrationErased,
    Seats,
)
from services.events.tests.examples import ALGA, NOW, content
from shared.contracts.organisations import Cluster
from shared.runtime.decider import DomainEvent
from shared.runtime.testing import Given, given

pytestmark = pytest.mark.covers("E2")

GATHERING = uuid4()
OPEN = Gathering(content=content(capacity=2))
CANCELLED = OPEN.model_copy(update={"state": "cancelled"})
CLOSING = Gathering(content=content(registration_closes_at=NOW + timedelta(days=1)))
CHEMISTRY: frozenset[Cluster] = frozenset({"chemistry"})

registered = Registered(gathering_id=GATHERING, organisation_id=ALGA, ticket=2)
waiting = PutOnWaitingList(gathering_id=GATHERING, organisation_id=ALGA, ticket=6, place=4)
cancelled = RegistrationCancelled()
erased = RegistrationErased()


def register(gathering: Gathering = OPEN, **more: Any) -> Register:
    parts: dict[str, Any] = {"clusters": CHEMISTRY, "seats": Seats(1, 0, 1), "at": NOW}
    return Register(GATHERING, ALGA, gathering=gathering, **(parts | more))


def cancel(gathering: Gathering = OPEN, at: datetime = NOW) -> CancelRegistration:
    return CancelRegistration(gathering, at)


def state(*events: DomainEvent) -> str:
    found = Given(DECIDER, events).state
    assert isinstance(found, Registration)
    return found.state


def test_registers_while_there_is_room() -> None:
    given(DECIDER).when(register()).then(registered)
    assert state(registered) == "registered"


def test_without_a_capacity_there_is_room_for_everyone() -> None:
    endless = register(Gathering(content=content()), seats=Seats(10_000, 0, 1))
    given(DECIDER).when(endless).then(registered)


def test_goes_on_the_list_when_it_is_full() -> None:
    given(DECIDER).when(register(seats=Seats(2, 3, 5))).then(waiting)
    assert state(waiting) == "waiting"


def test_registers_again_after_cancelling_at_the_end_of_the_queue() -> None:
    again = register(seats=Seats(2, 3, 5))
    given(DECIDER, registered, cancelled).when(again).then(waiting)
    assert Given(DECIDER, (registered, cancelled, waiting)).state == Registration(
        gathering_id=GATHERING, organisation_id=ALGA, ticket=6, state="waiting"
    )


@pytest.mark.parametrize("before", [registered, waiting])
def test_registers_once(before: DomainEvent) -> None:
    given(DECIDER, before).when(register()).then_refused("registered-already")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (register(CANCELLED), "gathering-cancelled"),
        (register(at=OPEN.content.ends_at), "gathering-over"),
        (register(at=OPEN.content.starts_at), "registration-closed"),
        (register(CLOSING, at=NOW + timedelta(days=1)), "registration-closed"),
        (register(clusters=frozenset({"environment"})), "forbidden"),
        (register(clusters=frozenset()), "forbidden"),
    ],
)
def test_refuses(command: Register, code: str) -> None:
    assert given(DECIDER).when(command).then_refused(code).message.endswith(".")


def test_registers_until_it_closes() -> None:
    given(DECIDER).when(register(CLOSING, at=NOW + timedelta(hours=23))).then(registered)


def test_moves_up() -> None:
    given(DECIDER, waiting).when(MoveUp()).then(MovedUp())
    assert state(waiting, MovedUp()) == "registered"


@pytest.mark.parametrize("story", [(), (registered,), (waiting, cancelled), (waiting, erased)])
def test_only_who_waits_moves_up(story: tuple[DomainEvent, ...]) -> None:
    given(DECIDER, *story).when(MoveUp()).then_nothing()


@pytest.mark.parametrize("before", [registered, waiting])
def test_cancels(before: DomainEvent) -> None:
    given(DECIDER, before).when(cancel()).then(cancelled)
    assert state(before, cancelled) == "cancelled"


def test_cancelling_again_is_silent() -> None:
    given(DECIDER, registered, cancelled).when(cancel()).then_nothing()


@pytest.mark.parametrize(
    ("command", "code"),
    [(cancel(CANCELLED), "gathering-cancelled"), (cancel(at=OPEN.content.ends_at), "gathering-over")],
)
def test_does_not_cancel_what_is_not_to_come(command: Command, code: str) -> None:
    given(DECIDER, registered).when(command).then_refused(code)


def test_cancels_while_it_runs() -> None:
    given(DECIDER, registered).when(cancel(at=OPEN.content.starts_at)).then(cancelled)


def test_cancelling_what_was_never_there() -> None:
    given(DECIDER).when(cancel()).then_refused("not-found")


@pytest.mark.parametrize("story", [(registered,), (waiting,), (registered, cancelled)])
def test_erases(story: tuple[DomainEvent, ...]) -> None:
    given(DECIDER, *story).when(EraseRegistration()).then(erased)


@pytest.mark.parametrize("story", [(), (registered, erased)])
def test_erasing_what_is_not_there_is_silent(story: tuple[DomainEvent, ...]) -> None:
    given(DECIDER, *story).when(EraseRegistration()).then_nothing()


@pytest.mark.parametrize("command", [register(), cancel()])
def test_erased_is_final(command: Command) -> None:
    given(DECIDER, registered, erased).when(command).then_refused("not-found")
