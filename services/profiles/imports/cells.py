"""What stands in a cell: values as people write them in a table, and texts that no spreadsheet takes for a formula."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.profiles.directory.texts import folded

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

_CODES: Final[Mapping[str, str]] = {
    "unternehmen": "company",
    "firma": "company",
    "start-up": "startup",
    "gruenderzentrum": "founder_centre",
    "forschung": "research",
    "forschungseinrichtung": "research",
    "oeffentliche einrichtung": "public_body",
    "behoerde": "public_body",
    "kleinstunternehmen": "micro",
    "klein": "small",
    "mittel": "medium",
    "gross": "large",
    "technologie": "technology",
    "dienstleistung": "service",
    "lieferung": "supply",
    "markt": "market",
    "beteiligung": "investment",
    "investition": "investment",
    "personal": "staff",
    "deutsch": "de",
    "englisch": "en",
    "oeffentlich": "public",
    "cluster": "clusters",
}
_STATES: Final[Mapping[str, str]] = {
    "baden-wuerttemberg": "DE1",
    "bayern": "DE2",
    "berlin": "DE3",
    "brandenburg": "DE4",
    "bremen": "DE5",
    "hamburg": "DE6",
    "hessen": "DE7",
    "mecklenburg-vorpommern": "DE8",
    "niedersachsen": "DE9",
    "nordrhein-westfalen": "DEA",
    "rheinland-pfalz": "DEB",
    "saarland": "DEC",
    "sachsen": "DED",
    "sachsen-anhalt": "DEE",
    "schleswig-holstein": "DEF",
    "thueringen": "DEG",
}


def quoted(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula; one that looks quoted is quoted once more."""
    return f"'{text}" if text.startswith((*_FORMULA, "'")) else text


def unquoted(cell: str) -> str:
    """Return the text of a cell."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'")) else cell


def value_of(name: str, cell: str) -> Any:
    """Return what a cell says, of a column without its side, as `text`; what is not understood stays as it is."""
    return _AS.get(name, str)(unquoted(cell))


def words(cell: str) -> list[str]:
    """Return the parts of a cell with commas, semicolons or spaces between."""
    return cell.replace(",", " ").replace(";", " ").split()


def _code(cell: str) -> str:
    said = folded(cell)
    return _CODES.get(said, said.replace(" ", "_"))


def _codes(cell: str) -> list[str]:
    return [_code(word) for word in words(cell)]


def _state(cell: str) -> str:
    return _STATES.get(folded(cell), cell)


def _number(cell: str) -> str:
    return cell.replace(",", ".")  # as it is written in German


_AS: Final[Mapping[str, Callable[[str], Any]]] = {
    "kind": _code,
    "size": _code,
    "language": _code,
    "visibility": _code,
    "region": _state,
    "latitude": _number,
    "longitude": _number,
    "industries": words,
    "languages": words,
    "partner_kinds": _codes,
    "partner_sizes": _codes,
    "partner_regions": words,
}
