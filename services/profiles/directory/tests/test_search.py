from typing import Any

import pytest

from services.profiles.directory.spelling import Spelling, nearest
from services.profiles.directory.texts import phrase, pieces
from services.profiles.tests.examples import ALGA, BORA, described, entry
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P8")]

API = "/profiles/api/directory"


async def state(profiles: ServiceClient, title: str, who: str = "anna", side: str = "needs", **more: Any) -> None:
    owner = ALGA if who == "anna" else BORA
    place = f"/profiles/api/organisations/{owner}/{side}"
    answer = await profiles.acting_as(who).post(place, json=entry(title, **more))
    assert answer.status_code == 201, answer.text
    await Spelling(profiles.pool).look()


async def search(profiles: ServiceClient, who: str = "ina", **query: Any) -> Any:
    answer = await profiles.acting_as(who).get(API, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def found(profiles: ServiceClient, who: str = "ina", **query: Any) -> list[str]:
    page = await search(profiles, who, **query)
    return [one["organisation"]["description"]["name"] for one in page["items"]]


@pytest.mark.parametrize(
    "words",
    ["Waermetauscher", "WÄRMETAUSCHER", "Wärme tauscher", "Wärmetauchser", "plattenwärme lime", "Wärmetauscher Alga"],
)
async def test_finds_german_compounds_however_they_are_typed(profiles: ServiceClient, words: str) -> None:
    await state(profiles, "Plattenwärmetauscher")
    await state(profiles, "Reuse of acid", "ben")
    assert await found(profiles, q=words) == ["Alga"]


async def test_says_when_words_only_come_close_and_shows_where(profiles: ServiceClient) -> None:
    await state(profiles, "Plattenwärmetauscher", text="Unser alter Wärmetauscher verkalkt.", language="de")
    for words, close in (("wärmetauscher", False), ("Wärmetauchser", True)):
        page = await search(profiles, q=words)
        assert page["close"] == close, words
        [hit] = page["items"][0]["hits"]
        assert (hit["side"], hit["title"], hit["phrase"]) == (
            "need",
            "Plattenwärmetauscher",
            "Unser alter Wärmetauscher verkalkt.",
        )
    assert await found(profiles, q="Quantencomputer") == []


async def test_finds_names_summaries_and_english(profiles: ServiceClient) -> None:
    about = described("Alga", summary="Wir bauen Filter.", summary_en="We build membranes.", place="Straubing")
    await profiles.acting_as("anna").put(f"/profiles/api/organisations/{ALGA}/description", json=about)
    for words in ("alga", "filter", "membrane", "straubing", "ALGA membranes"):
        assert await found(profiles, q=words) == ["Alga"], words
    page = await search(profiles, q="membranes")
    assert page["items"][0]["phrase"] == "We build membranes."


async def test_names_and_titles_come_before_texts(profiles: ServiceClient) -> None:
    await state(profiles, "Other", text="All about ozone")
    await state(profiles, "Ozone", "ben")
    assert await found(profiles, q="ozone") == ["Bora", "Alga"]
    first = await search(profiles, q="ozone", limit=1)
    assert await found(profiles, q="ozone", limit=1, after=first["next"]) == ["Alga"]
    assert (await search(profiles, q="ozone", after=str(ALGA)))["items"] == []


async def test_limits_by_what_it_is(profiles: ServiceClient) -> None:
    await state(profiles, "Ozone", kind="pilot")
    await state(profiles, "Acid", side="offers")
    await state(profiles, "Ozone", "ben", side="offers")
    about = described("Bora", "environment", kind="startup", size="micro", region="DE21")
    await profiles.acting_as("ben").put(f"/profiles/api/organisations/{BORA}/description", json=about)
    for query, names in (
        ({"side": "need"}, ["Alga"]),
        ({"side": "offer", "q": "ozone"}, ["Bora"]),
        ({"side": "need", "q": "acid"}, []),
        ({"entry_kind": "pilot"}, ["Alga"]),
        ({"entry_kind": "technology", "q": "ozone"}, ["Bora"]),
        ({"side": "offer", "entry_kind": "pilot"}, []),
        ({"kind": "startup"}, ["Bora"]),
        ({"size": "micro"}, ["Bora"]),
        ({"region": "DE2"}, ["Bora"]),
        ({"region": "DE1"}, []),
        ({"cluster": "chemistry"}, ["Alga"]),
        ({"q": "technology"}, []),
        ({"q": "need"}, []),
        ({"q": "%"}, []),
    ):
        assert await found(profiles, **query) == names, query


@pytest.mark.covers("P2")
async def test_nobody_finds_by_what_they_may_not_read(profiles: ServiceClient) -> None:
    await state(profiles, "Geheimrezept", visibility="clusters")
    for who, seen in (("anna", True), ("mia", True), ("carl", True), ("ben", False), ("eva", False), ("ina", False)):
        for query in ({"q": "geheimrezept"}, {"q": "geheim", "side": "need"}, {"side": "need"}):
            assert (await found(profiles, who, **query) == ["Alga"]) == seen, (who, query)
        assert "geheim" not in (await profiles.acting_as("ina").get(API, params={"q": "Alga"})).text.lower()
    assert await found(profiles, "ben", q="Geheimrezpet") == []


@pytest.mark.covers("P16")
async def test_what_is_erased_is_found_no_more_and_spelled_no_more(profiles: ServiceClient) -> None:
    await state(profiles, "Kanarienvogel")
    wish = {"kind": "organisation", "id": str(ALGA)}
    assert (await profiles.signed_in("anna").post("/profiles/api/erasures", json=wish)).status_code == 201
    assert await found(profiles, q="kanarienvogel") == []
    assert "kanarienvogel" not in {row["word"] for row in await profiles.pool.fetch("SELECT word FROM spelling")}


async def test_words_that_nobody_says_any_more_go(profiles: ServiceClient) -> None:
    about = described("Quittengelee")
    spelling = Spelling(profiles.pool)
    for name, there in ((about, True), (described("Alga"), False)):
        await profiles.acting_as("anna").put(f"/profiles/api/organisations/{ALGA}/description", json=name)
        await spelling.look()
        words = {row["word"] for row in await profiles.pool.fetch("SELECT word FROM spelling")}
        assert ("quittengelee" in words) == there


async def test_bad_questions_are_answered(profiles: ServiceClient) -> None:
    for query, status in (
        ({"q": "a" * 201}, 422),
        ({"q": "\x00"}, 422),
        ({"kind": "firm"}, 422),
        ({"region": "Bayern"}, 422),
        ({"after": "x"}, 422),
        ({"after": "00000000-0000-4000-8000-000000000000"}, 404),
        ({"limit": 101}, 422),
        ({"q": "'; DROP TABLE organisation; --"}, 200),
        ({"q": "\\ %_ [a-z]* (?n) {}", "side": "need"}, 200),
        ({"q": " ".join(f"w{n}" for n in range(50)), "entry_kind": "pilot"}, 200),
    ):
        answer = await profiles.acting_as("ina").get(API, params=query)
        assert answer.status_code == status, (query, answer.text)


def test_the_nearest_part_of_a_word() -> None:
    for word, within, changes, part in (
        ("waermetauchser", "plattenwaermetauscher", 2, "waermetauscher"),
        ("wassre", "abwasserreinigung", 1, "wasser"),
        ("membran", "membranen", 0, "membran"),
        ("membrnreinigung", "membranreinigung", 1, "membranreinigung"),
        ("abwasserrreinigung", "abwasserreinigungsanlage", 1, "abwasserreinigung"),
    ):
        assert nearest(word, within) == (changes, part)


def test_what_was_found_is_marked_in_the_text_as_it_is_written() -> None:
    marked = pieces("Große Plattenwärmetauscher", ["waermetauscher", "gross"])
    assert [(one.text, one.found) for one in marked] == [
        ("Groß", True),
        ("e Platten", False),
        ("wärmetauscher", True),
    ]
    long = f"{'lorem ' * 50}Wärme {'ipsum ' * 50}"
    cut = phrase(long, ["waerme"])
    assert cut.startswith("… lorem")
    assert cut.endswith("ipsum …")
    assert "Wärme" in cut
    assert len(cut) < 250
    assert phrase(long, ["acid"]) == ""
