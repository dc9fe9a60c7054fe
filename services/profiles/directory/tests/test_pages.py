from uuid import uuid4

import pytest

from services.profiles.directory.spelling import Spelling
from services.profiles.tests.examples import ALGA, BORA, described, entry
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P8")]

LIST = "/profiles/organisations"


async def test_organisations_are_listed_by_name_and_cluster(profiles: ServiceClient) -> None:
    ina = profiles.acting_as("ina")
    everyone = (await ina.get(LIST)).text
    assert everyone.index("Alga") < everyone.index("Bora")
    assert everyone.count("0 needs") == 2
    chemistry = (await ina.get(LIST, params={"cluster": "chemistry", "kind": ""})).text
    assert "Alga" in chemistry
    assert "Bora" not in chemistry
    assert (await ina.get(LIST, params={"cluster": "none"})).status_code == 422
    assert (await ina.get(LIST, params={"after": str(uuid4())})).status_code == 404
    assert "There are no more" in (await ina.get(LIST, params={"after": str(BORA)})).text


async def test_a_search_marks_what_it_found_and_goes_on(profiles: ServiceClient) -> None:
    mia, ina = profiles.acting_as("mia"), profiles.acting_as("ina")
    for number in range(21):
        await mia.post("/profiles/api/organisations", json=described(f"Wärme {number:02} <b>"))
    page = (await ina.get(LIST, params={"q": "waerme", "cluster": "chemistry"})).text
    assert page.count("<mark>Wärme</mark> ") == 20
    assert "&lt;b&gt;" in page
    assert "q=waerme&amp;cluster=chemistry" in page
    await Spelling(profiles.pool).look()
    close = (await ina.get(LIST, params={"q": "wärem"})).text
    assert "These come close" in close
    assert "close=True" in close


async def test_the_hits_of_needs_and_offers_lead_to_them(profiles: ServiceClient) -> None:
    await profiles.acting_as("anna").post(
        f"/profiles/api/organisations/{ALGA}/offers", json=entry("Ozone", text="We sell ozone.")
    )
    page = (await profiles.acting_as("ben").get(LIST, params={"q": "ozone"})).text
    assert f'href="{LIST}/{ALGA}#offers"' in page
    assert "We sell <mark>ozone</mark>." in page


async def test_what_finds_nothing_says_what_to_leave_out(profiles: ServiceClient) -> None:
    page = (await profiles.acting_as("ben").get(LIST, params={"q": "alga", "cluster": "environment"})).text
    assert "Nobody fits" in page
    assert f'href="{LIST}?q=alga"' in page


async def test_managers_see_who_asks_to_join(profiles: ServiceClient) -> None:
    assert "Asking to join" in (await profiles.acting_as("mia").get(LIST)).text
    assert "Asking to join" not in (await profiles.acting_as("anna").get(LIST)).text
    asked = described("Alga", "chemistry", "environment")
    await profiles.acting_as("anna").put(f"/profiles/api/organisations/{ALGA}/description", json=asked)
    for who, waiting in (("eva", True), ("mia", False), ("anna", False)):
        page = (await profiles.acting_as(who).get(LIST, params={"waiting": "true"})).text
        assert (">Alga<" in page) == waiting, who
