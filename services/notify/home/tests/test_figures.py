"""What is counted, on a real Postgres: it must stay true whatever comes twice, late, or is erased."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.notify.conftest import Notify
from services.notify.home.figures import Figures, Network, figures, network
from services.notify.subscriptions import subscriptions
from services.notify.tests.examples import (
    ACTORS,
    ALGA,
    BORA,
    gathering,
    idea,
    idea_erased,
    match,
    profile,
    profile_erased,
    registration,
    registration_erased,
)
from shared.contracts.envelope import PublicEvent
from shared.contracts.organisations import Cluster

pytestmark = pytest.mark.postgres

OLE, MIA, BEN = ACTORS["ole"], ACTORS["mia"], ACTORS["ben"]
IDEA, GATHERING, REGISTRATION = UUID(int=0x1D), UUID(int=0x6A), UUID(int=0x6B)


async def counted(notify: Notify, *clusters: Cluster) -> Figures:
    now = datetime.now(UTC)
    return await figures(notify.pool, OLE, now, clusters) if clusters else await figures(notify.pool, OLE, now)


async def seen(notify: Notify) -> Network:
    return await network(notify.pool, OLE)


def firms(count: int, *clusters: Cluster, first: int = 0x100) -> list[PublicEvent]:
    return [profile(UUID(int=first + n), clusters=clusters) for n in range(count)]


async def test_nothing_is_counted_as_nothing(notify: Notify) -> None:
    assert set((await counted(notify)).model_dump().values()) == {0}
    assert (await seen(notify)).empty


async def test_an_event_that_comes_again_or_late_counts_once(notify: Notify) -> None:
    old, new = profile(ALGA, version=1, kind="startup"), profile(ALGA, version=2, kind="company")
    await notify.tell(old, old, new, new, old)
    found = await counted(notify)
    assert (found.members, found.startups) == (1, 0)
    assert await notify.pool.fetchval("SELECT sum(count) FROM figure") == 1


async def test_a_batch_counts_as_its_events_do(notify: Notify) -> None:
    [subscription] = [one for one in subscriptions(lambda: None) if one.name == "organisations"]
    await notify.tell(*firms(3, "chemistry"))
    async with notify.pool.acquire() as connection, connection.transaction():
        moved = [profile(UUID(int=0x100 + n), version=2, clusters=("environment",)) for n in range(2)]
        await subscription.apply(connection, [*moved, *firms(4, "environment", first=0x200)])
    assert [one.members for one in (await seen(notify)).clusters] == [1, 6]


async def test_batches_that_meet_in_different_order_do_not_wait_for_each_other_for_ever(notify: Notify) -> None:
    [subscription] = [one for one in subscriptions(lambda: None) if one.name == "organisations"]

    async def take(*events: PublicEvent) -> None:
        async with notify.pool.acquire() as connection, connection.transaction():
            for event in events:
                await subscription.apply(connection, [event])

    both = [(firms(1, "chemistry", first=n), firms(1, "environment", first=n + 50)) for n in range(0x100, 0x114)]
    here = [event for pair in both for events in pair for event in events]
    there = [event for pair in both for events in reversed(pair) for event in events]
    there = [event.model_copy(update={"subject": UUID(int=event.subject.int + 0x100)}) for event in there]
    async with asyncio.timeout(20):
        await asyncio.gather(take(*here), take(*there))
    assert [one.members for one in (await seen(notify)).clusters] == [40, 40]


async def test_what_is_erased_counts_no_more_and_never_again(notify: Notify) -> None:
    await notify.tell(profile(ALGA), profile_erased(ALGA), profile(ALGA, version=10), idea(IDEA), idea_erased(IDEA))
    await notify.tell(gathering(GATHERING), registration(REGISTRATION, GATHERING, state="registered"))
    assert (await counted(notify)).registrations == 1
    await notify.tell(registration_erased(REGISTRATION))
    found = await counted(notify)
    assert (found.members, found.open_ideas, found.registrations, found.gatherings) == (0, 0, 0, 1)


async def test_only_open_ideas_and_gatherings_ahead_count(notify: Notify) -> None:
    await notify.tell(idea(IDEA), idea(UUID(int=1)), idea(IDEA, version=2, stage="closed"))
    await notify.tell(idea(UUID(int=2), stage="taken_up"), idea(UUID(int=3), stage="done"))
    await notify.tell(idea(UUID(int=4)), idea(UUID(int=4), version=2, stage="discussed"))
    over, off, on = (UUID(int=n) for n in (1, 2, 3))
    await notify.tell(
        gathering(over, begins=-timedelta(days=2)), gathering(off, state="cancelled"), gathering(on),
        *(registration(UUID(int=0x10 + n), where, state="registered") for n, where in enumerate((over, off, on, on))),
        registration(UUID(int=0x20), on, state="waiting"),
    )  # fmt: skip
    found = await counted(notify)
    assert (found.open_ideas, found.gatherings, found.registrations) == (2, 1, 2)


async def test_matches_count_where_their_sides_belong(notify: Notify) -> None:
    await notify.tell(
        match(UUID(int=1)), match(UUID(int=2)), match(UUID(int=2), "agreed"),
        match(UUID(int=3), "declined", clusters=("chemistry", "chemistry")),
        match(UUID(int=4), "agreed", clusters=("environment", "environment")),
    )  # fmt: skip
    net = await seen(notify)
    assert [(one.cluster, one.proposals, one.agreed) for one in net.clusters] == [
        ("chemistry", 1, 0),
        ("environment", 1, 1),
    ]
    assert (net.across.proposals, net.across.agreed) == (2, 1)
    total, own = await counted(notify), await counted(notify, "chemistry")
    assert ((total.proposals, total.agreed), (own.proposals, own.agreed)) == ((4, 2), (3, 1))


async def test_who_belongs_to_both_clusters_counts_in_each_and_once(notify: Notify) -> None:
    await notify.tell(profile(ALGA, clusters=("chemistry", "environment")), profile(BORA, clusters=()))
    assert [one.members for one in (await seen(notify)).clusters] == [1, 1]
    assert ((await counted(notify)).members, (await counted(notify, "environment")).members) == (1, 1)


@pytest.mark.parametrize(("reader", "small"), [(None, None), (BEN, None), (ACTORS["ina"], None), (MIA, 2), (OLE, 2)])
async def test_only_staff_is_told_small_numbers(notify: Notify, reader: object, small: int | None) -> None:
    await notify.tell(*firms(3, "chemistry"), *firms(2, "environment", first=0x200), match(UUID(int=1)))
    net = await network(notify.pool, reader)  # type: ignore[arg-type] # one of the actors or nobody
    assert [one.members for one in net.clusters] == [3, small]
    assert (net.across.proposals, net.across.agreed) == ((1, 0) if small else (None, None))
    assert (await figures(notify.pool, reader, datetime.now(UTC))).members == 5  # type: ignore[arg-type]


async def test_what_was_there_before_is_counted_by_the_migration(notify: Notify) -> None:
    """What the triggers count must be what the tables hold: the migration fills the figures in the same way."""
    await notify.tell(*firms(3, "chemistry"), match(UUID(int=1)), idea(IDEA), registration(REGISTRATION, GATHERING))
    for table in ("organisation", "match", "idea", "registration"):
        kept = await notify.pool.fetch(
            "SELECT tally, count FROM figure WHERE source = $1 AND count > 0 ORDER BY tally", table
        )
        true = await notify.pool.fetch(
            f"SELECT tally, count(*) AS count FROM {table} WHERE tally IS NOT NULL GROUP BY tally ORDER BY tally"
        )
        assert kept == true
