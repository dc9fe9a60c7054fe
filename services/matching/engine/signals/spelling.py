"""Names of substances in one spelling, German and English, with and without what says nothing about the substance.

Spelling decides in chemistry (sulfate and sulfite, methanol and ethanol), so a misspelt name is taken for another
only if nothing that tells substances apart differs.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Final

from rapidfuzz import fuzz, process

SIMILAR: Final = 88.0
"""Least similarity of two spellings of one name, in percent (rapidfuzz ratio): one wrong letter in nine."""

_LONGEST: Final = 200  # letters of a name that are read


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


_NUMBER: Final = r"\d+(?:[.,]\d+)?"
_UNIT: Final = r"(?:(?:(?:vol|gew|ma)\.?\s*-?\s*)?%(?:ig\w*)?|(?:prozent(?:ig\w*)?|percent|ppm|g/l)\b)"
_SHARE: Final = re.compile(rf"[<>~≥≤]*\s*(?:{_NUMBER}\s*(?:-|\u2013|bis|to)\s*)?{_NUMBER}\s*{_UNIT}")
_ORIGIN: Final = re.compile(r"(?:[,;]\s|\b(?:aus|from|fuer|for)\b|[·*]\s?\d).*")  # and the water of hydrates
_ASIDE: Final = re.compile(r"\s\((?![ivx]+\))[^()]*\)")  # but not iron (III) chloride
_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+")
_ROMAN: Final = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7"}

# One spelling for what is written in several ways.
_VARIANTS: Final = {
    "sulph": "sulf", "phosfor": "phosphor", "oxyd": "oxid", "jod": "iod", "azet": "acet", "zyklo": "cyclo",
    "aethyl": "ethyl", "aethan": "ethan", "aethen": "ethen", "glyzerin": "glycerin", "glykol": "glycol",
    "kalzium": "calcium", "karbon": "carbon", "karbid": "carbid", "silikat": "silicat", "silizium": "silicium",
    "zellulose": "cellulose", "aluminum": "aluminium", "laugen": "lauge", "saeuren": "saeure", "schlaemme": "schlamm",
}  # fmt: skip
# English words as German ones, so that most salts need no entry of their own in a table of names.
_GERMAN: Final = {
    "sodium": "natrium", "potassium": "kalium", "iron": "eisen", "copper": "kupfer", "zinc": "zink", "tin": "zinn",
    "lead": "blei", "silver": "silber", "manganese": "mangan", "chromium": "chrom", "silicon": "silicium",
    "acid": "saeure", "alcohol": "alkohol", "sludge": "schlamm", "ash": "asche", "scrap": "schrott", "oil": "oel",
    "alu": "aluminium",
}  # fmt: skip
_ENDING: Final = re.compile(r"(?<=id|at|it|an|en|in|on|yl)e\Z")  # chloride and Chlorid, methane and Methan

# What a name says about grade, state or past, and not about the substance.
_SILENT: Final = _words(
    """
    technisch technische technischer technisches tech techn technical grade qualitaet rein reine reiner reines pure
    reinst purity roh rohe rohes crude raw gebraucht gebrauchte gebrauchter verbraucht verbrauchte verunreinigt
    verunreinigte contaminated spent used waste abfall verduennt verduennte verduenntes dilute diluted konzentriert
    konzentrierte konz conc concentrated recycelt recycelte recycled regeneriert regenerierte regenerated recovered
    rueckgewonnen rueckgewonnene loesung loesungen solution waessrig waessrige waessriger aqueous aq fluessig
    fluessige fluessiges liquid fest feste solid gasfoermig gasfoermige gaseous wasserfrei wasserfreie anhydrous
    heptahydrat hexahydrat pentahydrat dihydrat monohydrat dekahydrat pulver powder granulat granules pellets
    gruen gruener gruenes green biogen biogene biogenes biogenic beladen beladene loaded entwaessert dewatered
    verfluessigt liquefied folie folien film flakes mahlgut regrind regranulat rezyklat recyclate
    industrial industriell industrielle frisch fresh lebensmittelqualitaet food vergaellt denatured ca circa etwa approx
    """
)
_BEFORE: Final = re.compile(r"(?:abfall|alt|rest|roh|recycling|gebraucht)(?=.{4})")
_AFTER: Final = re.compile(r"(?<=.{4})(?:loesungen|loesung|abfaelle|abfall|reste|gas|pulver|granulat|schrott)\Z")

# What tells chemicals apart; two spellings of one name have the same of these, in the same order.
_TELLING: Final = re.compile(
    r"mono|di|tri|tetra|penta|hexa|poly|per|hypo|iso|cyclo|meth|eth|prop|but|pent|hex|hept|oct|chlor|brom|fluor|iod"
    r"|sulf|phosph|nitr|carb|acet|form|am|im|\d|(?:at|it|id|ol|al|an|en|in|on|yl|ium)\Z"
)


def spell(name: str) -> str:
    """Return a name in one spelling: lower case, without marks, spaces and signs, the same in German and English."""
    return "".join(_tokens(_folded(name)))


def readings(name: str) -> tuple[str, str, str, str]:
    """Return a name spelt without shares, then without asides and origin, without its grade, without parts of words.

    "Abfallsalzsäure, technisch, 31 % aus Abluft" is at last "salzsaeure". All are empty if nothing can be read.
    """
    folded = _SHARE.sub(" ", _folded(name))
    whole = "".join(_tokens(folded))
    core = list(_tokens(_ORIGIN.sub("", _ASIDE.sub(" ", folded))))
    plain = "".join(token for token in core if token not in _SILENT) or "".join(core) or whole
    return whole, "".join(core) or whole, plain, _AFTER.sub("", _BEFORE.sub("", plain))


def misspellings(name: str, known: Collection[str]) -> list[tuple[str, float]]:
    """Return the known names that this one may be a misspelling of, and how alike they are in 0..1, best first."""
    found = process.extract(name, known, scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=None)
    return [(other, score / 100) for other, score, _ in found if _may_be(name, other)]


def _folded(name: str) -> str:
    lower = unicodedata.normalize("NFKC", name[:_LONGEST]).casefold()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        lower = lower.replace(umlaut, letters)
    return "".join(sign for sign in unicodedata.normalize("NFD", lower) if not unicodedata.combining(sign))


def _tokens(folded: str) -> Iterator[str]:
    for token in _TOKEN.findall(folded):
        spelt = token
        for written, one in _VARIANTS.items():
            spelt = spelt.replace(written, one)
        yield _ROMAN.get(spelt) or _GERMAN.get(spelt) or _ENDING.sub("", spelt)


def _may_be(name: str, other: str) -> bool:
    return name != "" and name[:1] == other[:1] and _TELLING.findall(name) == _TELLING.findall(other)
