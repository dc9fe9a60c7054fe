import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.signals.spelling import misspellings, readings, spell

pytestmark = pytest.mark.covers("M2")


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Kaliumiodid", "Potassium Iodide"),
        ("Kaliumjodid", "potassium-iodide"),
        ("Eisen(III)-bromid", "iron (III) bromide"),
        ("Natriumsulfit", "sodium sulphite"),
        ("Silberacetat", "silver acetate"),
    ],
)
def test_salts_are_spelt_alike_in_both_languages(german: str, english: str) -> None:
    assert spell(german) == spell(english)


@pytest.mark.parametrize(
    "written",
    [
        "Salzsäure",
        "SALZSÄURE",
        "Salzsa\u0308ure",  # the mark on its own
        "Salz-Säure",
        "Salzsäure 31 %",
        "Salzsäure, 30-32%ig",
        "technische Salzsäure (aus der Abluft)",
        "Salzsäure aus der Abluft, 12,5 Prozent",
        "Salzsäure, verunreinigt mit Eisen",
        "Salzsäure 31 Gew.-%",
        "Salzsäure·6H2O",
        "Abfallsalzsäure",
        "verbrauchte Salzsäurelösung",
    ],
)
def test_grade_share_and_origin_are_not_the_substance(written: str) -> None:
    assert readings(written)[-1] == "salzsaeure"


def test_what_is_said_in_full_is_read_first() -> None:
    assert readings("waste water")[0] == "wastewater"


def test_a_name_of_silent_words_alone_is_kept() -> None:
    assert readings("Abfall")[2] == "abfall"


@pytest.mark.parametrize(
    ("name", "misspelt"),
    [("schwefelsaeure", "schwefelsaure"), ("salpetersaeure", "salpetersaeurre"), ("rotschlamm", "rotschlam")],
)
def test_a_slip_is_found(name: str, misspelt: str) -> None:
    [(found, score)] = misspellings(misspelt, [name, "natronlauge"])
    assert found == name
    assert 0.88 <= score < 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("natriumsulfat", "natriumsulfit"),
        ("natriumsulfid", "natriumsulfit"),
        ("methanol", "ethanol"),
        ("bromethan", "brommethan"),
        ("eisen2chlorid", "eisen3chlorid"),
        ("kaliumchlorat", "kaliumperchlorat"),
        ("rotschlamm", "brotschlamm"),
    ],
)
def test_what_is_another_substance_is_no_slip(one: str, other: str) -> None:
    assert misspellings(one, [other]) == []


@given(st.text(max_size=300))
def test_whatever_is_written_can_be_read(name: str) -> None:
    assert readings(name) == readings(name)
    assert all(isinstance(reading, str) for reading in readings(name))
