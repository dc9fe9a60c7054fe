"""The columns of a list, and what else people call them: small letters, umlauts written out, German or English."""

import re
from collections.abc import Mapping
from typing import Final

from services.profiles.directory.texts import folded

COLUMNS: Final = (
    *("external_key", "name", "kind", "size", "country", "region", "place", "latitude", "longitude", "founded"),
    *("industries", "languages", "web", "summary", "summary_en", "clusters", "consents"),
)
ENTRY_FIELDS: Final = (
    *("key", "kind", "title", "text", "language", "trl", "ipr", "partner_kinds", "partner_sizes", "partner_regions"),
    *("visibility", "expires_on"),
)
SIDES: Final[Mapping[str, str]] = {"need": "needs", "offer": "offers"}
KNOWN: Final = (*COLUMNS, *(f"{side}_{name}" for side in SIDES for name in ENTRY_FIELDS))
REQUIRED: Final = ("external_key", "name", "kind")

_ALSO_CALLED: Final = {
    "external_key": "schluessel mitgliedsnummer kundennummer nummer nr id key member_number number",
    "name": "firma firmenname unternehmen organisation organization company",
    "kind": "art typ type organisationsart",
    "size": "groesse groessenklasse size_class",
    "country": "land staat",
    "region": "bundesland nuts nuts_code federal_state",
    "place": "ort stadt sitz city town",
    "latitude": "lat breite breitengrad",
    "longitude": "lon lng laenge laengengrad",
    "founded": "gegruendet gruendung gruendungsjahr founded_in year_founded",
    "industries": "branche branchen nace nace_code wirtschaftszweig industry",
    "languages": "sprachen",
    "web": "website webseite homepage internet url www",
    "summary": "beschreibung kurzbeschreibung profil description profile",
    "summary_en": "beschreibung_englisch beschreibung_en description_en english_summary",
    "clusters": "cluster mitgliedschaft mitgliedschaften memberships",
    "consents": "einwilligung einwilligungen consent",
}
_ENTRIES_ALSO_CALLED: Final = {
    "key": "schluessel id",
    "kind": "art typ",
    "title": "titel",
    "text": "beschreibung description",
    "language": "sprache",
    "trl": "reifegrad",
    "ipr": "schutzrechte",
    "partner_kinds": "partner_arten partner",
    "partner_sizes": "partner_groessen",
    "partner_regions": "partner_regionen",
    "visibility": "sichtbarkeit",
    "expires_on": "gueltig_bis ablauf bis until",
}
_SIDES_ALSO_CALLED: Final = {"need": ("need", "bedarf"), "offer": ("offer", "angebot")}


def _names() -> dict[str, str]:
    names = {other: column for column, others in _ALSO_CALLED.items() for other in others.split()}
    for side, others in _SIDES_ALSO_CALLED.items():
        for name in ENTRY_FIELDS:
            for also in (name, *_ENTRIES_ALSO_CALLED[name].split()):
                names |= {f"{other}_{also}": f"{side}_{name}" for other in others}
        names |= dict.fromkeys(others, f"{side}_title")
    return names | {column: column for column in KNOWN}


_NAMES: Final = _names()


def column_of(header: str) -> str | None:
    """Return the column that somebody means by a header, None if that is not known."""
    return _NAMES.get(re.sub(r"[^a-z0-9]+", "_", folded(header)).strip("_"))
