"""Invented texts as members write them: German with its compounds, some English, many common words, few rare ones."""

from random import Random
from typing import Final

_HEADS: Final = (
    *("Abwasser", "Wärme", "Plattenwärme", "Membran", "Katalysator", "Kunststoff", "Lösemittel", "Polymer", "Säure"),
    *("Rohrbündelwärme", "Klärschlamm", "Wasserstoff", "Kohlenstoff", "Ozon", "Druckluft", "Energie", "Prozess"),
    *("Labor", "Anlagen", "Reststoff", "Biogas", "Phosphor", "Lack", "Faser", "Enzym", "Sensor", "Kühl", "Dampf"),
)
_TAILS: Final = (
    *("tauscher", "reinigung", "aufbereitung", "trennung", "messung", "rückgewinnung", "verwertung", "speicher"),
    *("technik", "regelung", "filter", "pumpe", "beschichtung", "trocknung", "analyse", "steuerung", "wandler"),
)
_COMMON: Final = (
    *("und", "für", "mit", "wir", "suchen", "bieten", "einen", "Partner", "im", "Betrieb", "unsere", "Anlage", "aus"),
    *("Wasser", "Verfahren", "neue", "kleine", "Mengen", "nach", "Kilogramm", "Stunde", "erprobt", "Pilot", "Versuch"),
    *(
        "the",
        "and",
        "for",
        "water",
        "plant",
        "heat",
        "exchanger",
        "process",
        "pilot",
        "we",
        "need",
        "offer",
        "recycling",
    ),
)
_SHARE_OF_COMMON: Final = 0.7
_FIRMS: Final = ("Alga", "Bora", "Cora", "Delta", "Elbe", "Fuchs", "Granit", "Hanse", "Isar", "Jura", "Krone", "Linde")


def word(random: Random) -> str:
    """Return a word: mostly a common one, else one of some five hundred compounds."""
    return random.choice(_COMMON) if random.random() < _SHARE_OF_COMMON else compound(random)


def compound(random: Random) -> str:
    """Return a compound, as `Membranreinigung`."""
    return random.choice(_HEADS) + random.choice(_TAILS)


def title(random: Random) -> str:
    """Return a title of some 40 characters."""
    return f"{compound(random)} {random.choice(_COMMON)} {compound(random)}"


def text(random: Random, words: int = 30) -> str:
    """Return a text of about `words` words."""
    return " ".join(word(random) for _ in range(words)) + "."


def name(random: Random, number: int) -> str:
    """Return the name of an organisation."""
    return f"{random.choice(_FIRMS)} {compound(random)} {number} GmbH"


def entry(random: Random) -> dict[str, str]:
    """Return what a need or an offer says."""
    kind = random.choice(["technology", "service", "pilot", "supply"])
    return {"kind": kind, "title": title(random), "text": text(random), "language": "de"}
