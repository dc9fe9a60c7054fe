import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, get_args
from uuid import uuid4

import pytest

from services.profiles.accounts.commands import ACCOUNT
from services.profiles.accounts.domain import Grant, OpenAccount
from services.profiles.organisations import pages
from services.profiles.organisations.decisions import DECIDER, months_after
from services.profiles.organisations.domain import Description
from services.profiles.tests.examples import ALGA, CAUSE, described, entry
from shared.contracts.organisations import Purpose
from shared.runtime.commands import Commands, Request
from shared.runtime.testing import ServiceClient, account_of

pytestmark = pytest.mark.postgres

LIST = "/profiles/organisations"
PAGE = f"{LIST}/{ALGA}"
ENGLISH: Final = {"Accept-Language": "en"}


async def view(profiles: ServiceClient) -> Any:
    return (await profiles.acting_as("anna").get(f"/profiles/api/organisations/{ALGA}")).json()


async def test_what_one_can_do_is_shown_to_those_who_act_for_it(profiles: ServiceClient) -> None:
    for who, acts, history in (("anna", True, False), ("mia", True, True), ("ben", False, False), ("ole", False, True)):
        page = (await profiles.acting_as(who).get(PAGE)).text
        assert "<h1>Alga</h1>" in page
        for mine in (f"{PAGE}/edit", f"{PAGE}/needs/new", f"{PAGE}/flows/new", f"{PAGE}/contact", f"{PAGE}/consents"):
            assert (mine in page) == acts, (who, mine)
        assert (f"/notify/history/{ALGA}" in page) == history, who


@pytest.mark.covers("P1")
async def test_an_organisation_is_described_anew(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    form = (await anna.get(f"{PAGE}/edit")).text
    assert 'name="name" value="Alga"' in form
    assert 'value="chemistry" checked' in form
    assert 'value="environment"> ' in form  # it may ask for that
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
        assert answer.headers["location"] == f"{PAGE}/consents"
        assert (await view(profiles))["consents"] == left
    page = (await anna.get(f"{PAGE}/consents", headers=ENGLISH)).text
    assert page.count(">not given<") == len(get_args(Purpose))
    for who in ("ben", "eva", "ole", "ina"):
        assert (await profiles.acting_as(who).get(f"{PAGE}/consents")).status_code == 403
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
    assert told.index("A consent withdrawn") < told.index(">by its own people") < told.index("A consent given")
    assert "by a manager of the cluster, on its behalf" in told
    assert "You act on behalf of this organisation" not in page
    assert (
        "You act on behalf of this organisation" in (await profiles.acting_as("mia").get(place, headers=english)).text
    )
    assert 'id="changes"' not in (await profiles.acting_as("ben").get(place)).text


def filled(name: str, **more: Any) -> dict[str, Any]:
    """A registration as the form sends it."""
    return {"name": name, "kind": "startup", "country": "DE", "clusters": ["chemistry"], **more}


@pytest.mark.covers("P1")
async def test_who_acts_for_none_registers_theirs_and_a_manager_verifies_it(profiles: ServiceClient) -> None:
    command = OpenAccount(Grant(role="member"))
    await Commands(profiles.pool).handle(ACCOUNT, account_of("nora"), command, Request(CAUSE))
    nora, mia, eva = (profiles.signed_in(who) for who in ("nora", "mia", "eva"))
    for who, registers in (("nora", True), ("mia", True), ("anna", False), ("ole", False)):
        assert (f'href="{LIST}/new"' in (await profiles.signed_in(who).get(LIST)).text) == registers, who
    form = (await nora.get(f"{LIST}/new", headers=ENGLISH)).text
    assert "A manager of each cluster that you name verifies the membership." in form
    assert form.count('type="checkbox"') == 2
    wrong = await nora.post(f"{LIST}/new", headers=ENGLISH, data=filled("Nova", web="nova", latitude="48,1"))
    assert wrong.status_code == 422
    assert 'id="web-error">Write it as the example shows.<' in wrong.text
    unborn = await nora.post(f"{LIST}/new", headers=ENGLISH, data=filled("Nova", founded="2199"))
    assert 'id="founded-error">Give at most ' in unborn.text
    assert 'id="longitude-error">Give latitude and longitude, or neither.<' in wrong.text
    assert '<details class="field" open>' in wrong.text
    place = (await nora.post(f"{LIST}/new", data=filled("Nova", latitude="48,1", longitude="11,5"))).headers["location"]

    assert "not verified yet" in (await nora.get(place, headers=ENGLISH)).text
    assert f"{place}/memberships" not in (await eva.get(place)).text
    page = (await mia.get(place, headers=ENGLISH)).text
    assert "It is a member" in page
    assert f"{place}/edit" not in page  # being asked is not acting for it
    assert (await eva.post(f"{place}/memberships", data=VERIFY)).status_code == 403
    assert (await nora.post(f"{place}/memberships", data=VERIFY)).status_code == 403
    assert (await mia.post(f"{place}/memberships", data=VERIFY)).status_code == 303
    page = (await mia.get(place, headers=ENGLISH)).text
    assert "not verified yet" not in page
    assert f"{place}/edit" in page
    assert (await nora.get(f"{LIST}/new")).status_code == 403


VERIFY: Final = {"cluster": "chemistry", "change": "verify"}


@pytest.mark.covers("P1")
async def test_a_manager_registers_and_declines(profiles: ServiceClient) -> None:
    mia, anna = profiles.signed_in("mia"), profiles.signed_in("anna")
    assert (await anna.get(f"{LIST}/new")).status_code == 403
    form = (await mia.get(f"{LIST}/new")).text
    assert 'value="environment"' not in form
    place = (await mia.post(f"{LIST}/new", data=filled("Cora"))).headers["location"]
    assert (await anna.get(place)).status_code == 200
    await anna.post(f"{PAGE}/edit", data=described("Alga", "chemistry", "environment", country="DE"))
    decline = {"cluster": "environment", "change": "decline"}
    assert (await profiles.signed_in("eva").post(f"{PAGE}/memberships", data=decline)).status_code == 303
    assert (await view(profiles))["description"]["clusters"] == ["chemistry"]


@pytest.mark.covers("P3")
async def test_a_flow_is_stated_changed_and_dropped(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    sent = {"direction": "out", "substance": "Brine", "cas": "7647-14-5", "tonnes_per_year": "12,5", "note": "Warm."}
    stated = await anna.post(f"{PAGE}/flows/new", data=sent)
    assert stated.headers["location"] == f"{PAGE}#flows"
    page = (await anna.get(PAGE, headers=ENGLISH)).text
    assert "12.5 t a year" in page
    [edit] = re.findall(rf"{PAGE}/flows/[0-9a-f-]+/edit", page)
    assert 'value="12.5"' in (await anna.get(edit)).text
    for wrong, field, said in (
        ({"cas": "7647-14-6"}, "cas", "last digit does not fit"),
        ({"cas": "salt"}, "cas", "Write it as the example shows."),
        ({"tonnes_per_year": ""}, "tonnes_per_year", "Fill this in."),
        ({"tonnes_per_year": "much"}, "tonnes_per_year", "Give a number."),
        ({"tonnes_per_year": "0"}, "tonnes_per_year", "Give more than 0."),
        ({"tonnes_per_year": "1e9"}, "tonnes_per_year", "Give at most 10,000,000."),
        ({"purity": "nan"}, "purity", "Give a number."),
        ({"purity": "101"}, "purity", "Give at most 100."),
        ({"substance": " "}, "substance", "Fill this in."),
    ):
        answer = await anna.post(edit, data=sent | wrong, headers=ENGLISH)
        assert answer.status_code == 422
        assert re.search(rf'id="{field}-error">[^<]*{said}', answer.text), wrong
    assert (await anna.post(edit, data=sent | {"purity": "99"})).status_code == 303
    assert (await view(profiles))["flows"][0]["purity"] == 99
    assert (await profiles.acting_as("ben").get(f"{PAGE}/flows/new")).status_code == 403
    assert (await profiles.acting_as("ben").get(edit)).status_code == 403
    assert (await anna.post(edit.replace("/edit", "/drop"))).status_code == 303
    assert (await anna.get(edit)).status_code == 404
    assert (await view(profiles))["flows"] == []


@pytest.mark.covers("P4")
async def test_what_has_expired_is_said_and_confirmed_with_one_click(profiles: ServiceClient) -> None:
    anna, today = profiles.acting_as("anna"), datetime.now(UTC).date()
    await anna.post(f"{PAGE}/needs/new", data=entry())
    assert "Still true" not in (await anna.get(PAGE, headers=ENGLISH)).text
    await anna.post(f"{PAGE}/offers/new", data=entry("Filters", expires_on=str(today)))
    page = (await anna.get(PAGE, headers=ENGLISH)).text
    assert "1 need or offer has expired or soon will" in page
    [offer] = (await view(profiles))["offers"]
    assert page.count('name="entry_id"') == 1
    assert "Still true" not in (await profiles.acting_as("ben").get(PAGE, headers=ENGLISH)).text
    assert (await profiles.acting_as("ben").post(f"{PAGE}/confirmation")).status_code == 403
    assert (await anna.post(f"{PAGE}/confirmation", data={"entry_id": offer["entry_id"]})).status_code == 303
    assert (await view(profiles))["offers"][0]["expires_on"] == str(months_after(today, 6))
    assert (await view(profiles))["needs"][0]["confirmed_on"] is None
    assert (await anna.post(f"{PAGE}/confirmation")).status_code == 303
    assert (await view(profiles))["needs"][0]["confirmed_on"] == str(today)
    assert (await anna.post(f"{PAGE}/confirmation", data={"entry_id": "x"})).status_code == 422
    assert (await anna.post(f"{PAGE}/confirmation", data={"entry_id": str(uuid4())})).status_code == 404


@pytest.mark.covers("P4")
async def test_what_is_missing_is_said_with_the_reason(profiles: ServiceClient) -> None:
    page = (await profiles.acting_as("anna").get(PAGE, headers=ENGLISH)).text
    assert "The profile is complete to 0 %" in page
    assert f'<a href="{PAGE}/edit#region-field">Region</a>: Some look for partners in a certain region.' in page
    assert "The profile is complete" not in (await profiles.acting_as("ben").get(PAGE, headers=ENGLISH)).text
    german = (await profiles.acting_as("anna").get(PAGE, headers={"Accept-Language": "de"})).text
    assert "Some look for" not in german


@pytest.mark.covers("P6")
async def test_an_objection_is_made_and_lifted(profiles: ServiceClient) -> None:
    anna, mia = profiles.acting_as("anna"), profiles.acting_as("mia")
    await anna.put(f"/profiles/api/organisations/{ALGA}/consents/chemistry/matching_inside")
    object_ = {"activity": "proposals", "change": "object"}
    assert (await profiles.acting_as("ben").post(f"{PAGE}/objections", data=object_)).status_code == 403
    assert (await mia.post(f"{PAGE}/objections", data=object_)).status_code == 303
    assert "given, but objected to" in (await anna.get(f"{PAGE}/consents", headers=ENGLISH)).text
    assert "Objected: proposals" in (await anna.get(PAGE, headers=ENGLISH)).text
    assert (await anna.post(f"{PAGE}/objections", data=object_ | {"change": "lift"})).status_code == 303
    assert "given, but objected to" not in (await anna.get(f"{PAGE}/consents", headers=ENGLISH)).text


async def test_the_history_says_what_changed(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    await anna.put(
        f"/profiles/api/organisations/{ALGA}/description",
        json=described(web="https://alga.example", summary="Filters"),
    )
    await anna.post(f"{PAGE}/needs/new", data=entry())
    await anna.put(f"/profiles/api/organisations/{ALGA}/consents/chemistry/newsletter")
    page = (await anna.get(PAGE, headers=ENGLISH)).text
    told = page[page.index('id="changes"') :]
    for row in (
        "Described anew: web, text",
        "A need or an offer stated or changed: Membranes",
        "A consent given: chemistry, newsletter",
    ):
        assert f"<p>{row}</p>" in told


def test_the_history_has_words_for_all_that_can_happen() -> None:
    page = (Path(pages.__file__).parent / "templates/organisation.html").read_text("utf-8")
    events = {event.stored_as.partition(".")[0] for event in DECIDER.events} - {"organisation-erased"}
    assert [name for name in (*events, *Description.model_fields) if f'"{name}": _(' not in page] == []


@pytest.mark.covers("P2")
async def test_what_a_need_says_besides(profiles: ServiceClient) -> None:
    anna, ben = profiles.acting_as("anna"), profiles.acting_as("ben")
    sent = entry(ipr="granted", partner_kinds=["startup", "research"], partner_regions="DE21, DE22")
    sent |= {"partner_sizes": "micro", "visibility": "clusters"}
    assert (await anna.post(f"{PAGE}/needs/new", data=sent)).status_code == 303
    page = (await anna.get(PAGE, headers=ENGLISH)).text
    assert "for members of its clusters" in page
    assert "looks for: research, startup, micro, DE21, DE22" in page
    assert "Membranes" not in (await ben.get(PAGE)).text
    [need] = (await view(profiles))["needs"]
    edit = f"{PAGE}/needs/{need['entry_id']}/edit"
    form = (await anna.get(edit)).text
    assert 'value="DE21, DE22"' in form
    assert '<input type="radio" name="visibility" value="clusters" checked>' in form
    for wrong, field in (
        ({"partner_regions": "Bavaria"}, "partner_regions"),
        ({"trl": "12"}, "trl"),
        ({"expires_on": "2020-01-01"}, "expires_on"),
        ({"expires_on": "soon"}, "expires_on"),
        ({"visibility": "nobody"}, "visibility"),
    ):
        answer = await anna.post(edit, data=sent | wrong)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text


@pytest.mark.covers("P1")
async def test_the_text_is_shown_in_the_language_of_the_reader(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    both = described(summary="Filter aus Algen", summary_en="Filters made of algae", languages=["de", "cs"])
    await anna.put(f"/profiles/api/organisations/{ALGA}/description", json=both)
    english = (await anna.get(PAGE, headers=ENGLISH)).text
    german = (await anna.get(PAGE, headers={"Accept-Language": "de"})).text
    assert english.index("Filters made of algae") < english.index("Filter aus Algen")
    assert german.index("Filter aus Algen") < german.index("Filters made of algae")
    assert "German, Czech" in english.replace("Czech, German", "German, Czech")
