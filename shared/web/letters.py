"""Letters: the texts of mails, a template for each language; its first line is the subject."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.contracts.words import Language
from shared.web.i18n import formats
from shared.web.i18n.speech import speaking, speeches


class Letters:
    """The letters of a slice: `NAME.de.txt` and `NAME.en.txt` in its folder `templates`. Made once, with `__file__`."""

    def __init__(self, file: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(Path(file).parent / "templates"),
            autoescape=False,  # noqa: S701 - plain text
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= formats.FILTERS

    def write(self, name: str, language: Language, /, **values: Any) -> str:
        """Return a letter: its subject, and its text from the next line on; dates in it are those of its language."""
        with speaking(speeches()[language]):
            return self._environment.get_template(f"{name}.{language}.txt").render(values)
