import pytest

from shared.web.i18n.choice import preferred


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de", "de"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("de-AT", "de"),
        ("DE", "de"),
        ("en;q=0.5,de;q=0.6", "de"),
        ("de;q=0.1 , en ; q=0.2", "en"),
        ("en,de", "en"),
        ("de,en", "de"),
        ("fr,en;q=0.3", "en"),
        ("fr", "de"),
        ("", "de"),
        ("*", "de"),
        ("en;q=0.2,*;q=0.1", "en"),
        ("en;q=0.1,*;q=0.2", "de"),
        ("en;q=0,*", "de"),
        ("de;q=0,en;q=0.1", "en"),
        ("de;q=0,*", "en"),
        ("de;q=0", "de"),
    ],
)
def test_the_language_that_is_liked_best_is_taken(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


@pytest.mark.parametrize(
    "odd", [";", ",,,", "en;q=", "en;q=much", "en;q=2", "en;q=-1", "en;q=nan", "en;x=1", "\x00", "q=1"]
)
def test_what_makes_no_sense_asks_for_nothing(odd: str) -> None:
    assert preferred(odd) == "de"
    assert preferred(f"{odd},en;q=0.1") == ("en" if not odd.startswith("en") else "de")
