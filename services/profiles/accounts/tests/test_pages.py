"""Who lets whom in, on pages: operators everyone, managers the people of their clusters' organisations."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.profiles.accounts.queries import find_account, find_rights
from services.profiles.imports import uploads
from services.profiles.tests.examples import ALGA, BORA
from shared.contracts.rights import Rights
from shared.runtime.access import Actor
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P15", "P5")]

HERE = "/profiles/accounts"


@pytest.fixture
async def system(profiles: ServiceClient) -> ServiceClient:
    """Ole the operator has let in Alga's Kim, Bora's Lou, and a manager."""
    ole = profiles.signed_in("ole")
    for email, more in (
        ("kim@alga.example", {"role": "member", "organisations": str(ALGA)}),
        ("lou@bora.example", {"role": "member", "organisations": str(BORA)}),
        ("max@cluster.example", {"role": "manager", "clusters": ["chemistry", "environment"]}),
    ):
        answer = await ole.post(f"{HERE}/new", data={"email": email, "language": "de", **more})
        assert answer.status_code == 303, answer.text
    return profiles


async def account(system: ServiceClient, email: str) -> UUID:
    found = await find_account(system.pool, email)
    assert found is not None
    return found


async def rights(system: ServiceClient, email: str) -> Rights | None:
    return await find_rights(system.pool, await account(system, email))


async def test_an_operator_sees_and_changes_all(system: ServiceClient) -> None:
    ole = system.signed_in("ole")
    shown = (await ole.get(HERE)).text
    assert re.findall(r">(\w+@[\w.]+)</a>", shown) == ["kim@alga.example", "lou@bora.example", "max@cluster.example"]
    max_ = await account(system, "max@cluster.example")
    change = {"role": "operator", "clusters": "chemistry", "organisations": str(ALGA)}
    assert (await ole.post(f"{HERE}/{max_}", data=change)).status_code == 303
    assert await rights(system, "max@cluster.example") == Rights(role="operator")


async def test_a_manager_sees_and_lets_in_the_people_of_their_clusters(system: ServiceClient) -> None:
    mia = system.signed_in("mia")
    shown = (await mia.get(HERE)).text
    assert "kim@alga.example" in shown
    assert "lou@bora.example" not in shown
    assert "max@cluster.example" not in shown
    new: dict[str, Any] = {"email": "pia@alga.example", "language": "en", "role": "member"}
    assert (await mia.post(f"{HERE}/new", data=new | {"organisations": str(ALGA)})).status_code == 303
    assert await rights(system, "pia@alga.example") == Rights(role="member", organisations=(ALGA,))
    for more in (
        {"organisations": str(BORA)},
        {"organisations": [str(ALGA), str(BORA)]},
        {"role": "manager", "clusters": "chemistry"},
        {"role": "manager", "clusters": "chemistry", "organisations": str(ALGA)},
        {"role": "operator"},
    ):
        refused = await mia.post(f"{HERE}/new", data=new | {"email": "eve@alga.example"} | more)
        assert refused.status_code == 403, more
    assert await find_account(system.pool, "eve@alga.example") is None


@pytest.mark.parametrize("email", ["lou@bora.example", "max@cluster.example"])
async def test_other_peoples_accounts_do_not_exist_for_a_manager(system: ServiceClient, email: str) -> None:
    mia, before = system.signed_in("mia"), await rights(system, email)
    place = f"{HERE}/{await account(system, email)}"
    take = {"role": "member", "organisations": str(ALGA)}
    answers = [await mia.get(place), await mia.post(place, data=take), await mia.post(f"{place}/close")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert await rights(system, email) == before


async def test_who_acts_for_no_organisation_yet_is_managed_by_who_invited_them(system: ServiceClient) -> None:
    new = {"email": "pia@startup.example", "language": "en", "role": "member"}
    assert (await system.signed_in("mia").post(f"{HERE}/new", data=new)).status_code == 303
    pia = f"{HERE}/{await account(system, 'pia@startup.example')}"
    for who, status in (("mia", 200), ("ole", 200), ("eva", 404)):
        assert (await system.signed_in(who).get(pia)).status_code == status, who
    assert "pia@startup.example" not in (await system.signed_in("eva").get(HERE)).text
    taken = await system.signed_in("eva").post(pia, data={"role": "member", "organisations": str(BORA)})
    assert taken.status_code == 404


async def test_who_acts_for_organisations_of_two_clusters_is_managed_by_operators(system: ServiceClient) -> None:
    kim = await account(system, "kim@alga.example")
    both = {"role": "member", "organisations": [str(ALGA), str(BORA)]}
    assert (await system.signed_in("ole").post(f"{HERE}/{kim}", data=both)).status_code == 303
    for manager in ("mia", "eva"):
        assert (await system.signed_in(manager).get(f"{HERE}/{kim}")).status_code == 404


@pytest.mark.parametrize("who", ["anna", "ina"])
async def test_members_and_integrators_let_nobody_in(system: ServiceClient, who: str) -> None:
    assert (await system.signed_in(who).get(HERE)).status_code == 403
    assert (await system.signed_in(who).post(f"{HERE}/new", data={"email": "a@b.example"})).status_code == 403


async def test_no_key_lets_anybody_in(system: ServiceClient) -> None:
    new = {"email": "a@b.example", "role": "operator"}
    assert (await system.acting_as("ole").post(f"{HERE}/new", data=new)).status_code == 403


async def test_an_address_has_one_account(system: ServiceClient) -> None:
    new = {"email": "KIM@alga.example", "language": "de", "role": "member", "organisations": str(ALGA)}
    refused = await system.signed_in("ole").post(f"{HERE}/new", data=new, headers={"Accept-Language": "en"})
    assert refused.status_code == 422
    assert "There is an account with this address already." in refused.text
    assert "KIM@alga.example" in refused.text


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"role": "king"}, 422),
        ({"role": "member", "organisations": "x"}, 422),
        ({"role": "member", "organisations": str(uuid4())}, 404),
        ({"role": "manager", "clusters": "steel"}, 422),
        ({"email": "no address"}, 422),
        ({"language": "fr"}, 422),
        ({"email": '"><script>alert(1)</script>@b.example'}, 422),
    ],
)
async def test_what_makes_no_sense_is_shown_again(system: ServiceClient, more: dict[str, Any], status: int) -> None:
    sent = {"email": "new@b.example", "language": "de", "role": "operator", **more}
    answer = await system.signed_in("ole").post(f"{HERE}/new", data=sent)
    assert answer.status_code == status
    assert "<script>alert" not in answer.text


async def test_a_closed_account_leaves_no_address_behind(system: ServiceClient) -> None:
    mia, kim = system.signed_in("mia"), await account(system, "kim@alga.example")
    sender = Actor(actor=str(kim), role="manager", clusters=frozenset({"chemistry"}))
    await uploads.store(system.pool, sender, "chemistry", "list.csv", "csv", b"kim@alga.example")
    assert (await mia.post(f"{HERE}/{kim}/close")).status_code == 303
    assert await find_rights(system.pool, kim) is None
    for (table,) in await system.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        rows = [str(row) for row in await system.pool.fetch(f"TABLE {table}")]
        assert not any("kim@alga.example" in row for row in rows), table
    again = {"email": "kim@alga.example", "language": "de", "role": "member", "organisations": str(ALGA)}
    assert (await mia.post(f"{HERE}/new", data=again)).status_code == 303
    assert await account(system, "kim@alga.example") != kim


@pytest.mark.parametrize("value", ["%00", "x" * 201])
async def test_nothing_is_looked_for_that_is_no_text(system: ServiceClient, value: str) -> None:
    for name in ("find", "after"):
        assert (await system.signed_in("ole").get(f"{HERE}?{name}={value}")).status_code == 422, name


async def test_accounts_are_found_and_come_in_pages(system: ServiceClient) -> None:
    ole = system.signed_in("ole")
    for n in range(60):
        sent = {"email": f"p{n:02}@many.example", "language": "de", "role": "integrator"}
        assert (await ole.post(f"{HERE}/new", data=sent)).status_code == 303
    first = (await ole.get(f"{HERE}?find=many")).text
    assert len(re.findall(r">p\d\d@many.example</a>", first)) == 50
    [more] = re.findall(r'href="(/profiles/accounts\?after=[^"]+)"', first)
    assert len(re.findall(r">p\d\d@many.example</a>", (await ole.get(more.replace("&amp;", "&"))).text)) == 10
    assert "many.example</a>" not in (await ole.get(f"{HERE}?find=%25")).text
