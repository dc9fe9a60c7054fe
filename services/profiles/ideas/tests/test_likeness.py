from typing import Any

import pytest

from services.profiles.tests.examples import ALGA, idea
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P12")]

API = "/profiles/api/ideas"
PAGE = "/profiles/ideas"


async def post(profiles: ServiceClient, title: str, **more: Any) -> str:
    answer = await profiles.acting_as("anna").post(API, json=idea(title=title, **more))
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


async def similar(profiles: ServiceClient, title: str, who: str = "ben", **more: str) -> list[str]:
    answer = await profiles.acting_as(who).get(f"{API}/similar", params={"title": title, **more})
    assert answer.status_code == 200, answer.text
    return [one["title"] for one in answer.json()]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Wärmetauscher reinigen", ""),
        ("Reinigung von Plattenwaermetauschern", ""),
        ("", "Wir suchen jemanden, der unsere Wärmetauscher von Kalk befreit."),
        ("Entkalken", "Plattenwärmetauscher"),
        ("plattenWÄRME", ""),
    ],
)
async def test_finds_what_speaks_of_the_same(profiles: ServiceClient, title: str, text: str) -> None:
    await post(profiles, "Kalk im Plattenwärmetauscher", language="de")
    await post(profiles, "Lösemittel zurückgewinnen", language="de")
    assert await similar(profiles, title, text=text) == ["Kalk im Plattenwärmetauscher"]


@pytest.mark.parametrize("title", ["", "a b c", "%%%%%%", "______", "\\\\\\\\\\", "'; --", "ß" * 200])
async def test_finds_nothing_where_nothing_is_said(profiles: ServiceClient, title: str) -> None:
    await post(profiles, "Kalk im Plattenwärmetauscher")
    assert await similar(profiles, title) == []


async def test_the_closest_first_and_at_most_five(profiles: ServiceClient) -> None:
    for number in range(6):
        await post(profiles, f"Membranen {number}")
    await post(profiles, "Membranen aus Keramik")
    found = await similar(profiles, "Keramik für Membranen")
    assert (found[0], len(found)) == ("Membranen aus Keramik", 5)


async def test_shows_only_what_one_may_see_and_of_nobody_whose_it_is(profiles: ServiceClient) -> None:
    await post(profiles, "Membranen, anonym", visibility="anonymous")
    await post(profiles, "Membranen, für Mitglieder", visibility="clusters")
    hidden, closed, merged = [await post(profiles, f"Membranen {word}") for word in ("versteckt", "zu", "vereint")]
    await profiles.acting_as("mia").post(f"{hidden}/hide", json={"reason": "unlawful"})
    await profiles.acting_as("anna").post(f"{closed}/close", json={"reason": "other"})
    await profiles.acting_as("mia").post(f"{merged}/merge", json={"into": (await post(profiles, "Andere"))[-36:]})
    assert await similar(profiles, "Membranen") == ["Membranen, anonym"]
    assert set(await similar(profiles, "Membranen", "anna")) == {"Membranen, anonym", "Membranen, für Mitglieder"}
    answer = await profiles.acting_as("ben").get(f"{API}/similar", params={"title": "Membranen"})
    assert str(ALGA) not in answer.text


async def test_the_form_shows_them_and_keeps_what_was_typed(profiles: ServiceClient) -> None:
    await post(profiles, "Kalk im <b>Plattenwärmetauscher</b>")
    anna = profiles.acting_as("anna")
    assert 'formaction="/profiles/ideas/similar"' in (await anna.get(f"{PAGE}/new")).text
    typed = {
        "title": "Wärmetauscher",
        "text": "Ein langer Text",
        "tags": "eins, zwei",
        "organisation_id": str(ALGA),
        "visibility": "anonymous",
        "wanted_partners": ["startup", "research"],
    }
    answer = await anna.post(f"{PAGE}/similar", data=typed)
    assert answer.status_code == 200
    assert "Kalk im &lt;b&gt;Plattenwärmetauscher&lt;/b&gt;</a>" in answer.text
    for kept in ('value="Wärmetauscher"', "Ein langer Text</textarea>", 'value="eins, zwei"', '"anonymous" checked'):
        assert kept in answer.text
    for kept in ('value="startup" checked', 'value="research" checked', 'action="/profiles/ideas/new"'):
        assert kept in answer.text
    assert "No idea says something similar." in (await anna.post(f"{PAGE}/similar", data={"title": "Zebra"})).text
    assert (await anna.post(f"{PAGE}/similar", data={"title": "x" * 300})).status_code == 422
    assert await profiles.pool.fetchval("SELECT count(*) FROM idea") == 1


async def test_an_idea_shows_what_is_like_it_but_not_itself(profiles: ServiceClient) -> None:
    one, other = await post(profiles, "Membranen aus Keramik"), await post(profiles, "Membranen aus Glas")
    page = (await profiles.acting_as("ben").get(one.replace("/api", ""))).text
    assert f'<a href="{other.replace("/api", "")}">Membranen aus Glas</a>' in page
    assert page.count("Membranen aus Keramik</a>") == 0
