from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.events.gatherings.domain import (
    DECIDER,
    Announce,
    Cancel,
    Command,
    Gathering,
    GatheringAnnounced,
    GatheringCancelled,
    GatheringUpdated,
    Update,
)
from services.events.gatherings.zones import from_local, to_local
from services.events.tests.examples import NOW, content
from shared.contracts.organisations import Cluster
from shared.runtime.testing import Given, given

pytestmark = pytest.mark.covers("E1")

CHEMISTRY: frozenset[Cluster] = frozenset({"chemistry"})
BOTH: frozenset[Cluster] = frozenset({"chemistry", "environment"})
START = content().starts_at
AFTER = content().ends_at

announced = GatheringAnnounced(content=content())
cancelled = GatheringCancelled()


def announce(managed: frozenset[Cluster] = CHEMISTRY, **more: Any) -> Announce:
    return Announce(content(**more), managed, NOW)


def update(managed: frozenset[Cluster] = CHEMISTRY, registered: int = 0, at: datetime = NOW, **more: Any) -> Update:
    return Update(content(**more), managed, registered, at)


def test_announces() -> None:
    given(DECIDER).when(announce()).then(announced)


def test_announces_once() -> None:
    given(DECIDER, announced).when(announce()).then_refused("announced-already")


def test_announces_for_both_clusters_of_a_manager() -> None:
    what: dict[str, Any] = {"clusters": ("environment", "chemistry", "chemistry")}
    given(DECIDER).when(announce(BOTH, **what)).then(GatheringAnnounced(content=content(**what)))
    assert content(**what).clusters == ("chemistry", "environment")


@pytest.mark.parametrize(
    ("what", "code", "field"),
    [
        ({"starts_at": NOW}, "starts-in-past", "starts_at"),
        ({"starts_at": NOW + timedelta(days=5 * 366)}, "starts-too-late", "starts_at"),
        ({"ends_at": START}, "ends-too-early", "ends_at"),
        ({"ends_at": START + timedelta(days=14, seconds=1)}, "too-long", "ends_at"),
        ({"registration_closes_at": START + timedelta(seconds=1)}, "closes-too-late", "registration_closes_at"),
        ({"time_zone": "Europe/Atlantis"}, "unknown-zone", "time_zone"),
        ({"time_zone": "localtime"}, "unknown-zone", "time_zone"),
        ({"place": None}, "place-missing", "place"),
    ],
)
def test_refuses_what_makes_no_sense(what: dict[str, Any], code: str, field: str) -> None:
    for before, command in (((), announce(**what)), ((announced,), update(**what))):
        refusal = given(DECIDER, *before).when(command).then_refused(code)
        assert (refusal.field, refusal.status) == (field, 422)
        assert refusal.message.endswith(".")


@pytest.mark.parametrize("what", [{"place": None, "link": "https://x.example"}, {"ends_at": START + timedelta(14)}])
def test_allows_the_edge(what: dict[str, Any]) -> None:
    given(DECIDER).when(announce(**what)).then(GatheringAnnounced(content=content(**what)))


def test_a_time_is_kept_in_utc_and_beyond_the_calendar_is_none() -> None:
    assert content(starts_at="2026-05-14T11:30:00+02:00").starts_at.isoformat() == "2026-05-14T09:30:00+00:00"
    for beyond in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        with pytest.raises(ValidationError, match="beyond the calendar"):
            content(starts_at=beyond)


@pytest.mark.parametrize("clusters", [("environment",), ("chemistry", "environment")])
def test_invites_own_clusters_alone(clusters: tuple[str, ...]) -> None:
    given(DECIDER).when(announce(clusters=clusters)).then_refused("forbidden")


def test_updates() -> None:
    given(DECIDER, announced).when(update(title="New")).then(GatheringUpdated(content=content(title="New")))


def test_the_same_again_is_silent() -> None:
    given(DECIDER, announced).when(update()).then_nothing()


def test_an_audience_of_both_keeps_the_other_cluster_when_one_updates() -> None:
    both = GatheringAnnounced(content=content(clusters=("chemistry", "environment")))
    story = given(DECIDER, both)
    story.when(update(clusters=("chemistry", "environment"), title="New")).then(
        GatheringUpdated(content=content(clusters=("chemistry", "environment"), title="New"))
    )
    story.when(update(clusters=("chemistry",))).then_refused("forbidden")


def test_those_who_are_in_stay_in() -> None:
    refusal = given(DECIDER, announced).when(update(registered=3, capacity=2)).then_refused("capacity-too-small")
    assert refusal.field == "capacity"
    given(DECIDER, announced).when(update(registered=3, capacity=3)).then(GatheringUpdated(content=content(capacity=3)))


def test_what_runs_keeps_its_start_and_may_get_another_end() -> None:
    running = START + timedelta(hours=1)
    later: dict[str, Any] = {"ends_at": AFTER + timedelta(hours=1)}
    given(DECIDER, announced).when(update(at=running, **later)).then(GatheringUpdated(content=content(**later)))
    earlier = update(at=running, starts_at=START + timedelta(minutes=30))
    given(DECIDER, announced).when(earlier).then_refused("starts-in-past")
    given(DECIDER, announced).when(update(at=running, ends_at=running)).then_refused("ends-too-early")


def test_cancels() -> None:
    given(DECIDER, announced).when(Cancel(CHEMISTRY, NOW)).then(cancelled)
    state = Given(DECIDER, (announced, cancelled)).state
    assert isinstance(state, Gathering)
    assert (state.state, state.content) == ("cancelled", content())


@pytest.mark.parametrize("command", [update(title="New"), update(), Cancel(CHEMISTRY, NOW)])
def test_a_cancelled_one_is_not_changed(command: Command) -> None:
    given(DECIDER, announced, cancelled).when(command).then_refused("gathering-cancelled")


@pytest.mark.parametrize("command", [update(at=AFTER, title="New"), Cancel(CHEMISTRY, AFTER)])
def test_one_that_is_over_is_not_changed(command: Command) -> None:
    given(DECIDER, announced).when(command).then_refused("gathering-over")


@pytest.mark.parametrize("managed", [frozenset(), frozenset({"environment"})])
def test_someone_elses_is_not_changed(managed: frozenset[Cluster]) -> None:
    for command in (update(managed, title="New"), update(managed), Cancel(managed, NOW)):
        given(DECIDER, announced).when(command).then_refused("forbidden")


@pytest.mark.parametrize("command", [update(), Cancel(CHEMISTRY, NOW)])
def test_what_was_never_announced(command: Command) -> None:
    given(DECIDER).when(command).then_refused("not-found")


def test_nobody_moves_up_once_it_has_begun_or_is_cancelled() -> None:
    gathering = Gathering(content=content())
    assert gathering.moves_up(START - timedelta(seconds=1))
    assert not gathering.moves_up(START)
    assert not gathering.model_copy(update={"state": "cancelled"}).moves_up(NOW)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-01-10T09:00", "2026-01-10T08:00"),
        ("2026-07-10T09:00", "2026-07-10T07:00"),
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # shown twice: the earlier one
    ],
)
def test_local_times(typed: str, moment: str) -> None:
    found = from_local(datetime.fromisoformat(typed), "Europe/Berlin")
    assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert to_local(found, "Europe/Berlin") == datetime.fromisoformat(typed)


@pytest.mark.parametrize(
    ("typed", "said"), [("2026-03-29T02:30", "skip this time"), ("0001-01-01T00:00", "beyond the calendar")]
)
def test_a_local_time_that_does_not_exist(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        from_local(datetime.fromisoformat(typed), "Europe/Berlin")
