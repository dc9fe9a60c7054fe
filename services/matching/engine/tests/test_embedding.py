"""With sentence vectors, without them, and with some that cannot be used."""

from dataclasses import replace

import pytest

from services.matching.engine import DEFAULT, Index, Party, Profile, Query, rank
from services.matching.engine.tests.builders import entry, party
from services.matching.engine.tests.embedding import Broken, Meanings, NotANumber, WrongSize
from services.matching.engine.text.encoder import Encoder, key

NEED = "Wir suchen Sensoren für die Überwachung von Grundwasser."
OFFER = "Wir bauen Grundwassersensoren mit Funk."


def community(*, need: str = NEED) -> list[Party]:
    return [party("a", entry("n", "need", need)), party("b", entry("o", "offer", OFFER))]


def test_words_of_one_language_find_those_of_the_other_that_mean_the_same() -> None:
    profiles = [
        Profile("bakery", "", (("t", "We sell an oven with steam and the stones for it"),)),
        Profile("water", "", (("t", "We build a sewage plant and the pumps for it"),)),
    ]
    asked = [Query("q", "Wir brauchen für unsere Gemeinde eine Kläranlage")]
    [found] = rank(profiles, asked, 2, Encoder(words=Meanings()))
    assert [each.id for each in found.ranked] == ["water", "bakery"]
    assert found.ranked[0].score > found.ranked[1].score
    [without] = rank(profiles, asked, 2, Encoder())
    assert without.ranked[0].score == without.ranked[1].score


@pytest.mark.parametrize("embedder", [Broken(), WrongSize(), NotANumber()])
def test_an_embedder_that_cannot_be_used_is_told_and_words_go_on(embedder: Meanings) -> None:
    said: list[Exception] = []
    index = Index(Encoder(embedder, embedder, failed=said.append), parties=community())
    [found] = index.comparisons("a", 5)
    [by_words] = Index(parties=community()).comparisons("a", 5)
    assert found.score == by_words.score
    assert found.forward == by_words.forward
    assert said


def test_what_was_embedded_is_not_embedded_again() -> None:
    embedder = Meanings()
    encoder = Encoder(embedder)
    index = Index(encoder, parties=community())
    before = embedder.asked
    index.update(community()[0])
    index.relearn()
    Index(encoder, parties=community())
    assert embedder.asked == before


def test_vectors_go_with_their_text() -> None:
    encoder = Encoder(Meanings())
    index = Index(encoder, parties=community())
    name = key("passage", (OFFER,))
    assert name in encoder.known
    index.update(party("b", entry("o", "offer", "Backofen")))
    assert name not in encoder.known
    assert name in encoder.gone
    index.remove("b")
    assert key("passage", ("Backofen",)) not in encoder.known


def test_a_text_that_came_back_is_kept() -> None:
    encoder = Encoder(Meanings())
    index = Index(encoder, parties=community())
    index.remove("b")
    index.update(community()[1])
    assert key("passage", (OFFER,)) in encoder.fresh
    assert key("passage", (OFFER,)) not in encoder.gone


FOREIGN = ("Nous cherchons des capteurs", "Buscamos sensores", "Szukamy czujników", "搜索传感器")
LONG = "Grundwasser und Sensoren und Membranen. " * 1250


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "Sensoren",
        LONG,
        "🚀🌊 ☃",
        "Nous cherchons des capteurs",
        "Buscamos sensores",
        "Szukamy czujników",
        "搜索传感器",
    ],
)
@pytest.mark.parametrize("encoder", [Encoder(), Encoder(Meanings(), Meanings())], ids=["words", "vectors"])
def test_any_text_gives_sensible_comparisons_or_none(text: str, encoder: Encoder) -> None:
    index = Index(
        encoder, parties=[*community(need=text), party("c", entry("o", "offer", text), entry("n", "need", NEED))]
    )
    for each in "abc":
        for found in index.comparisons(each, 10):
            assert found.forward
            assert found.backward
            assert DEFAULT.minimum <= found.score <= 1


def test_five_hundred_needs_are_compared() -> None:
    many = party("a", *(entry(f"n{at:03d}", "need", f"{NEED} Nummer {at}") for at in range(500)))
    found = Index(parties=[many, community()[1]]).comparisons("a", 5)
    assert [each.other for each in found] == ["b"]


def test_identical_profiles_are_found_alike() -> None:
    twins = [replace(community()[1], id=f"t{at}") for at in range(30)]
    index = Index(Encoder(Meanings(), Meanings()), parties=[community()[0], *twins])
    found = index.comparisons("a", 30)
    assert {each.score for each in found} == {found[0].score}
    assert [each.other for each in found] == sorted(each.id for each in twins)
