"""The catalogues: every text that people read has a German translation, every code has words in both languages.

python -m tests.house.translations            extract and merge: new texts come in empty, old ones go
python -m tests.house.translations --check    fail if something is missing, superfluous or does not fit
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from shared.contracts.words import Language
from shared.web.i18n.choice import LANGUAGES
from shared.web.i18n.speech import CODE
from tests.house.python_texts import read_python
from tests.house.template_texts import read_template
from tests.house.texts import Found, Text

_PLACE: Final = re.compile(r"%\((\w+)\)s|(%(?!%))")
_WIDTH: Final = 120
_COMMON: Final = "shared/web/locale"


def complaints(root: Path) -> list[str]:
    """Return what is wrong with texts and catalogues below `root`."""
    found = _find(root)
    wrong = list(found.complaints)
    for folder, texts in _by_folder(found).items():
        for language in LANGUAGES:
            file = f"{folder}/{language}.po"
            wrong += [f"{file}: {what}" for what in _differences(texts, _read(root / file, language), language)]
    return wrong


def merge(root: Path) -> None:
    """Write the catalogues anew: what is translated stays, new texts come in empty, old ones go."""
    for folder, texts in _by_folder(_find(root)).items():
        for language in LANGUAGES:
            present, merged = _read(root / folder / f"{language}.po", language), Catalog(language)
            for text, files in texts.items():
                if text.context == CODE or language != "en":
                    known = present.get(text.one, text.context)
                    said = known.string if known and _is_plural(known) == bool(text.many) else ""
                    merged.add(_id(text), said or (("", "") if text.many else ""), _places(files), context=text.context)
            if len(merged) or (root / folder).exists():
                (root / folder).mkdir(exist_ok=True)
                with (root / folder / f"{language}.po").open("wb") as file:
                    write_po(file, merged, width=_WIDTH, omit_header=True, sort_output=True, include_lineno=False)


def _find(root: Path) -> Found:
    """Return the texts of what is shared and of the services; their tests say nothing to people."""
    found, trees = Found(), {}
    for file in sorted(one for folder in ("shared", "services") for one in (root / folder).rglob("*.*")):
        name = file.relative_to(root).as_posix()
        if "/tests/" in name:
            continue
        if file.suffix == ".html":
            read_template(file, name, found)
        elif file.suffix == ".py":
            trees[name] = ast.parse(file.read_text(encoding="utf-8"), name)
    read_python(trees, found)
    return found


def _by_folder(found: Found) -> dict[str, dict[Text, set[str]]]:
    """Return the texts by the folder of their catalogue; what the frame says as well stands there alone."""
    folders: dict[str, dict[Text, set[str]]] = {_COMMON: {}}
    for text, files in sorted(found.texts.items(), key=lambda one: (one[0].context or "", one[0].one)):
        services = {"/".join(file.split("/")[:2]) for file in files if file.startswith("services/")}
        is_common = any(file.startswith("shared/") for file in files)
        for folder in [_COMMON] if is_common else [f"{service}/locale" for service in sorted(services)]:
            folders.setdefault(folder, {})[text] = files
    return folders


def _differences(texts: dict[Text, set[str]], catalogue: Catalog, language: Language) -> Iterator[str]:
    wanted = {(text.context, text.one): text for text in texts if text.context == CODE or language != "en"}
    present = {(one.context, _first(one.id)): one for one in catalogue if one.id}
    for old in catalogue.obsolete.values():
        yield f"“{_first(old.id)}” is obsolete. Run `make translations`."
    for key in present.keys() - wanted.keys():
        yield f"“{key[1]}” is no text any more. Run `make translations`."
    for key, text in wanted.items():
        if (entry := present.get(key)) is None:
            yield f"“{text.one}” is not there yet. Run `make translations`, then translate it."
        else:
            yield from (f"“{text.one}” {what}" for what in _faults(text, entry))


def _faults(text: Text, entry: Message) -> Iterator[str]:
    said = _all(entry.string)
    if entry.fuzzy:
        yield "is marked as fuzzy"
    if _is_plural(entry) != bool(text.many):
        yield "counts in one of text and translation alone"
    elif not all(said):
        yield "has no words" if text.context == CODE else "is not translated"
    else:
        for number, one in enumerate(said):
            # For one thing a sentence may do without the number.
            wanted, places = _values(text.many or text.one), _values(one)
            if not places <= wanted or (number == len(said) - 1 and places != wanted):
                yield f"has other places for values in its translation “{one}”"
            # Templates write translations as they are.
            if set(one) & set('<>&"') - set(text.one):
                yield f"has marks of HTML in its translation “{one}”"


def _read(file: Path, language: Language) -> Catalog:
    if not file.exists():
        return Catalog(language)
    with file.open("rb") as content:
        return read_po(content, locale=language, abort_invalid=True)


def _values(text: str) -> set[str]:
    """Return the names of the values in a text; a sign of per cent that stands for itself is none."""
    return {name or sign for name, sign in _PLACE.findall(text)}


def _all(wording: str | Sequence[str] | None) -> Sequence[str]:
    return (wording,) if isinstance(wording, str) else wording or ("",)


def _id(text: Text) -> str | tuple[str, str]:
    return (text.one, text.many) if text.many else text.one


def _first(wording: str | Sequence[str]) -> str:
    return _all(wording)[0]


def _is_plural(entry: Message) -> bool:
    return not isinstance(entry.id, str)


def _places(files: set[str]) -> list[tuple[str, int]]:
    return [(file, 0) for file in sorted(files)]


def main() -> None:
    """Merge the catalogues, or check them."""
    if "--check" not in sys.argv[1:]:
        merge(Path())
    if wrong := complaints(Path()):
        sys.exit("\n".join(sorted(wrong)))


if __name__ == "__main__":
    main()
