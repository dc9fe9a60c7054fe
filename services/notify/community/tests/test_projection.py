import pytest

from services.notify.community import queries
from services.notify.conftest import Notify
from services.notify.tests.examples import ALGA, contact, contact_erased, contact_of, profile, profile_erased
from shared.runtime.database import Pool

pytestmark = [pytest.mark.postgres, pytest.mark.covers("N1")]


async def address(pool: Pool) -> str | None:
    async with pool.acquire() as connection:
        found = await queries.contact(connection, ALGA)
    return found.email if found else None


async def test_the_newest_contact_counts_in_whatever_order_they_come(notify: Notify) -> None:
    await notify.tell(contact(ALGA, email="new@a.example", version=2), contact(ALGA, email="old@a.example"))
    assert await address(notify.pool) == "new@a.example"


async def test_an_erased_contact_leaves_nothing_and_never_comes_back(notify: Notify) -> None:
    await notify.tell(contact(ALGA), contact_erased(ALGA), contact(ALGA, version=3))
    assert await address(notify.pool) is None
    row = await notify.pool.fetchrow("SELECT version, doc FROM contact WHERE id = $1", contact_of(ALGA))
    assert row is not None
    assert (row["version"], row["doc"]) == (2, None)


async def test_an_erased_organisation_is_known_to_be_erased(notify: Notify) -> None:
    await notify.tell(profile(ALGA), profile_erased(ALGA))
    async with notify.pool.acquire() as connection:
        [known] = (await queries.organisations(connection, [ALGA])).values()
    assert (known.order, known.state) == ((1, 9), None)
