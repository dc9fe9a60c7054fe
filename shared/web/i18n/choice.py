"""The language of a reader: what they chose, else what their browser asks for, else German."""

from functools import lru_cache
from typing import Final, get_args

from starlette.requests import Request

from shared.contracts.words import Language

COOKIE: Final = "language"
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
FALLBACK: Final[Language] = "de"


def language_of(request: Request) -> Language:
    """Return the language in which somebody wants to read."""
    return known(request.cookies.get(COOKIE, "")) or preferred(request.headers.get("accept-language", ""))


def known(name: str) -> Language | None:
    """Return the language of this name, None if there is none here."""
    return next((language for language in LANGUAGES if language == name), None)


@lru_cache(maxsize=256)
def preferred(accepted: str) -> Language:
    """Return which of our languages an `Accept-Language` (RFC 9110) likes best; of equals the one named first."""
    liked: dict[str, float] = {}
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        liked.setdefault(name.strip().partition("-")[0], _weight(weight))
    rest = liked.get("*", 0.0)
    order = [*liked, *LANGUAGES]
    wanted = {language: liked.get(language, rest) for language in LANGUAGES}
    best = max(wanted, key=lambda language: (wanted[language], -order.index(language)))
    return best if wanted[best] > 0 else FALLBACK


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if not name.strip():
        return 1.0
    try:
        weight = float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
