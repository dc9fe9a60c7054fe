import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.profiles.organisations.decisions import months_after
from services.profiles.tests.examples import ALGA, described, entry
from shared.runtime.testing import ServiceClient

pytestmark = pytest.mark.postgres

LIST = "/profiles/organisations"
PAGE = f"{LIST}/{ALGA}"


async def view(profiles: ServiceClient) -> Any:
    return (await profiles.acting_as("anna").get(f"/profiles/api/organisations/{ALGA}")).json()


async def test_what_one_can_do_is_shown_to_those_who_act_for_it(profiles: ServiceClient) -> None:
    for who, acts, history in (("anna", True, False), ("mia", True, True), ("ben", False, False), ("ole", False, True)):
        page = (await profiles.acting_as(who).get(PAGE)).text
        assert "<h1>Alga</h1>" in page
        for mine in (f"{PAGE}/edit", f"{PAGE}/needs/new", f"{PAGE}/contact", f"{PAGE}/consents", "not given"):
            assert (mine in page) == acts, (who, mine)
        assert (f"/notify/history/{ALGA}" in page) == history, who


@pytest.mark.covers("P1")
async def test_an_organisation_is_described_anew(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    form = (await anna.get(f"{PAGE}/edit")).text
    assert 'name="name" value="Alga"' in form
    assert 'value="chemistry" checked' in form
    assert 'value="environment"' not in form  # only a manager lets it join
    sent = described("Alga & Co", size="", web="https://alga.example", summary="Membranes.", version="1")
    assert (await anna.post(f"{PAGE}/edit", data=sent)).headers["location"] == PAGE
    page = (await anna.get(PAGE)).text
    assert "<h1>Alga &amp; Co</h1>" in page
    assert 'href="https://alga.example"' in page
    wrong = await anna.post(f"{PAGE}/edit", data=sent | {"web": "javascript:alert(1)", "name": " "})
    assert wrong.status_code == 422
    assert 'id="web-error">Write it as the example shows.<' in wrong.text
    assert 'id="name-error">Fill this in.<' in wrong.text
    assert 'value="javascript:alert(1)"' in wrong.text
    assert (await anna.post(f"{PAGE}/edit", data=sent)).status_code == 412


async def test_a_manager_changes_memberships_of_their_own_clusters_alone(profiles: ServiceClient) -> None:
    mia = profiles.acting_as("mia")
    both = described("Alga", "chemistry", "environment")
    assert (await mia.post(f"{PAGE}/edit", data=both)).status_code == 403
    form = (await mia.get(f"{PAGE}/edit")).text
    assert 'value="chemistry" checked' in form
    assert (await mia.post(f"{PAGE}/edit", data=described("Alga 2"))).status_code == 303
    nowhere = await mia.post(f"{PAGE}/edit", data=described("Alga 3") | {"clusters": ""})
    assert nowhere.status_code == 422
    assert 'id="clusters-error">Fill this in.<' in nowhere.text


@pytest.mark.covers("P2")
async def test_a_need_is_stated_changed_and_dropped(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    day = datetime.now(UTC).date() + timedelta(days=400)
    sent = entry(trl="4", expires_on=str(day))
    stated = await anna.post(f"{PAGE}/needs/new", data=sent | {"command_id": "1"})
    await anna.post(f"{PAGE}/needs/new", data=sent | {"command_id": "1"})
    assert stated.headers["location"] == f"{PAGE}#needs"
    [need] = (await view(profiles))["needs"]
    page = (await anna.get(PAGE)).text
    assert "Membranes" in page
    assert f"until {day.day} {day:%b %Y}" in page
    edit = f"{PAGE}/needs/{need['entry_id']}/edit"
    assert edit in page

    form = (await anna.get(edit)).text
    assert f'value="{day}"' in form
    changed = await anna.post(edit, data=sent | {"title": "Filters", "trl": "", "expires_on": "", "version": "2"})
    assert changed.status_code == 303
    [need] = (await view(profiles))["needs"]
    assert (need["title"], need["trl"], need["expires_on"]) == (
        "Filters",
        None,
        str(months_after(datetime.now(UTC).date(), 6)),
    )
    assert (await anna.post(edit, data=sent | {"version": "2"})).status_code == 412

    drop = edit.replace("/edit", "/drop")
    assert (await anna.post(drop, data={"command_id": "2"})).status_code == 303
    assert (await anna.post(drop, data={"command_id": "2"})).status_code == 303
    assert (await view(profiles))["needs"] == []
    assert (await anna.get(edit)).status_code == 404


async def test_a_refused_offer_comes_back_as_it_was_typed(profiles: ServiceClient) -> None:
    typed = entry(title="Steam", text=" ", trl="10", expires_on="soon")
    answer = await profiles.acting_as("anna").post(f"{PAGE}/offers/new", data=typed)
    assert answer.status_code == 422
    assert re.findall('id="([a-z_]+)-error"', answer.text) == ["text", "trl", "expires_on"]
    assert 'value="Steam"' in answer.text
    assert "<h1>Make an offer</h1>" in answer.text
    assert (await view(profiles))["offers"] == []


@pytest.mark.covers("P6")
async def test_a_consent_is_given_and_withdrawn(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    consent = {"cluster": "chemistry", "purpose": "matching_inside"}
    for change, left in (("give", [consent]), ("give", [consent]), ("withdraw", []), ("withdraw", [])):
        answer = await anna.post(f"{PAGE}/consents", data=consent | {"change": change})
        assert answer.headers["location"] == f"{PAGE}#consents"
        assert (await view(profiles))["consents"] == left
    for wrong in (
        {"change": "sell"},
        {"change": "give", "cluster": "none"},
        {"change": "give", "cluster": "environment"},
    ):
        answer = await anna.post(f"{PAGE}/consents", data=consent | wrong)
        assert answer.status_code == 422
        assert "<h1>" in answer.text


async def test_a_contact_is_for_those_who_act_for_the_organisation(profiles: ServiceClient) -> None:
    anna, path = profiles.acting_as("anna"), f"{PAGE}/contact"
    assert 'name="version" value="0"' in (await anna.get(path)).text
    sent = {"name": "Anna Beispiel", "email": "anna@alga.example", "version": "0"}
    wrong = await anna.post(path, data=sent | {"email": "anna"})
    assert wrong.status_code == 422
    assert 'id="email-error"' in wrong.text
    assert 'value="Anna Beispiel"' in wrong.text
    assert (await anna.post(path, data=sent)).headers["location"] == PAGE
    assert 'value="anna@alga.example"' in (await anna.get(path)).text
    assert (await anna.post(path, data=sent | {"name": "Berta"})).status_code == 412
    for who in ("ben", "eva", "ole", "ina"):
        refused = await profiles.acting_as(who).get(path)
        assert refused.status_code == 403
        assert "Beispiel" not in refused.text


@pytest.mark.parametrize("path", [f"/{uuid4()}", "/x", f"/{ALGA}/wishes/new", f"/{ALGA}/needs/{uuid4()}/edit"])
async def test_what_is_not_there_is_answered_with_a_page(profiles: ServiceClient, path: str) -> None:
    answer = await profiles.acting_as("anna").get(LIST + path)
    assert answer.status_code == 404
    assert "<h1>Nothing is here</h1>" in answer.text


@pytest.mark.covers("P5")
async def test_what_a_manager_does_on_behalf_is_told_to_its_people_and_to_nobody_else(profiles: ServiceClient) -> None:
    place = f"/profiles/organisations/{ALGA}"
    english = {"Accept-Language": "en"}
    for name in ("mia", "anna"):
        change = {
            "cluster": "chemistry",
            "purpose": "matching_inside",
            "change": "give" if name == "mia" else "withdraw",
        }
        assert (await profiles.acting_as(name).post(f"{place}/consents", data=change)).status_code == 303
    page = (await profiles.acting_as("anna").get(place, headers=english)).text
    told = page[page.index('id="changes"') :]
    assert told.index("a consent withdrawn") < told.index("by its own people") < told.index("a consent given")
    assert "by a manager of the cluster, on its behalf" in told
    assert "You act on behalf of this organisation" not in page
    assert (
        "You act on behalf of this organisation" in (await profiles.acting_as("mia").get(place, headers=english)).text
    )
    assert 'id="changes"' not in (await profiles.acting_as("ben").get(place)).text
