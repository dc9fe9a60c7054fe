import unicodedata

import pytest

from services.matching.engine.text.reading import read, words
from services.matching.engine.tokens import fold, language, stem, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Grundwasser-Sensoren, neu!", ["grundwasser", "sensoren", "neu"]),
        ("a I 3 5G", ["5g"]),  # single characters say nothing
        ("Straße 🚀 Größe", ["straße", "größe"]),
        (unicodedata.normalize("NFD", "für Öfen"), ["für", "öfen"]),
        ("snake_case", ["snake", "case"]),
        ("x" * 65 + " ok", ["ok"]),
        ("", []),
    ],
)
def test_words_lie_where_they_say(text: str, expected: list[str]) -> None:
    found = tokens(text)
    assert [token.word for token in found] == expected
    for token in found:
        assert unicodedata.normalize("NFC", text[token.start : token.end]).lower() == token.word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wir suchen Sensoren für das Grundwasser", "de"),
        ("We are looking for sensors in the ground", "en"),
        ("Bäckereiöfen", "de"),  # umlauts decide where function words are missing
        ("sensors", "en"),
        ("", "en"),
    ],
)
def test_language(text: str, expected: str) -> None:
    assert language([token.word for token in tokens(text)]) == expected


def test_stems_and_folding() -> None:
    assert stem("öfen", "de") == stem("öfen", "de") == fold(stem("öfen", "de"))
    assert stem("sensors", "en") == stem("sensor", "en")
    assert stem("sensoren", "de") == stem("sensor", "de")
    assert fold("größe") == "grosse"


def test_function_words_and_stock_phrases_are_no_features() -> None:
    spoken, (found,) = words(["Wir suchen einen Partner für Grundwasser"])
    assert spoken == "de"
    assert [token.word for token in found] == ["grundwasser"]


def test_a_compound_is_read_as_its_parts_too() -> None:
    compound, apart = read(["Grundwassersensoren"]), read(["Sensoren für Grundwasser"])
    assert {stem("sensoren", "de"), stem("wasser", "de")} <= compound.counts.keys()
    assert compound.counts.keys() & apart.counts.keys() == {stem("sensor", "de"), *read(["Grundwasser"]).counts}
