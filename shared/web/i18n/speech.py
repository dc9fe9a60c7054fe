"""Speech: texts, codes and messages in one language, from catalogues that are read once.

A text is found by its English wording. Codes, as `startup_day`, have the context `code` and words in both languages.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from babel import Locale
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from shared.contracts.words import Language
from shared.runtime.refusals import Message, Value
from shared.web.i18n.choice import LANGUAGES

Texts: TypeAlias = Mapping[tuple[str | None, str], tuple[str, ...]]
"""By context and English text: its translation, or those for one and for many."""

CODE: Final = "code"
"""The context of codes in a catalogue."""

COMMON: Final = Path(__file__).parent.parent / "locale"

# English as it is written in Europe: days before months, 24 hours.
_LOCALES: Final[Mapping[Language, Locale]] = {"de": Locale("de"), "en": Locale("en", "GB")}


@dataclass(frozen=True)
class Speech:
    """One language. What has no translation is said in English."""

    language: Language
    texts: Texts = field(default_factory=dict)

    @property
    def locale(self) -> Locale:
        """How dates and numbers are written."""
        return _LOCALES[self.language]

    def text(self, text: str, context: str | None = None) -> str:
        """Return a text in this language."""
        found = self.texts.get((context, text))
        return found[0] if found else text

    def counted(self, one: str, many: str, number: int, context: str | None = None) -> str:
        """Return the text for a number: in German and in English there is one for 1 and one for the rest."""
        return self.texts.get((context, one), (one, many))[0 if number == 1 else 1]

    def words(self, code: str) -> str:
        """Return a code as words; one without any is at least readable."""
        found = self.texts.get((CODE, code))
        return found[0] if found else code.replace("_", " ").replace("-", " ")

    def listed(self, texts: Iterable[str]) -> str:
        """Return texts as people list them: `a, b and c`."""
        return format_list(list(texts), locale=self.locale)

    def number(self, value: float) -> str:
        """Return a number as people write it."""
        return format_decimal(value, locale=self.locale)

    def say(self, message: Message) -> str:
        """Return a message in this language."""
        text = self.text(message.text)
        return text % {name: self._shown(value) for name, value in message.values.items()} if message.values else text

    def _shown(self, value: Value) -> str:
        if isinstance(value, tuple):
            return self.listed(self.words(code) for code in value)
        return self.number(value) if isinstance(value, int) else value


_spoken: ContextVar[Speech] = ContextVar("spoken", default=Speech("en"))  # noqa: B039 - nobody changes its texts


def spoken() -> Speech:
    """Return in what is being spoken here."""
    return _spoken.get()


@contextlib.contextmanager
def speaking(speech: Speech) -> Iterator[None]:
    """Let filters and texts be in this language."""
    token = _spoken.set(speech)
    try:
        yield
    finally:
        _spoken.reset(token)


@cache
def speeches(own: Path | None = None) -> Mapping[Language, Speech]:
    """Return all languages, with the texts of the frame and those of the folder `own`."""
    folders = [COMMON, *([own] if own else [])]
    return {language: Speech(language, _texts(language, folders)) for language in LANGUAGES}


def _texts(language: Language, folders: Iterable[Path]) -> Texts:
    texts: dict[tuple[str | None, str], tuple[str, ...]] = {}
    for file in (folder / f"{language}.po" for folder in folders):
        for entry in read_catalogue(file, language):
            said = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            wanted = entry.id if isinstance(entry.id, str) else entry.id[0]
            if wanted and all(said) and not entry.fuzzy:
                texts[entry.context, wanted] = tuple(said)
    return texts


def read_catalogue(file: Path, language: Language) -> Any:
    """Return the entries of a `.po` file, none if it is not there."""
    if not file.exists():
        return []
    with file.open("rb") as content:
        return read_po(content, locale=language, abort_invalid=True)
