"""The texts of templates. They are parsed, not rendered."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import GETTEXT_FUNCTIONS, extract_from_ast

from tests.house.texts import Found, Text

_ENVIRONMENT: Final = Environment(extensions=["jinja2.ext.i18n"])
# The product's name, and languages: each is named in itself.
_NAMES: Final = {"Innovationsmotor", "Deutsch", "English"}
_CODE: Final = {"code", "kbd", "samp"}
# Attributes that a macro puts into a tag, and paths.
_CODE_ALIKE: Final = re.compile(r"""\s*[a-z-]+=["']|/\S+\s*$""")
_READ_ALOUD: Final = {"alt", "aria-label", "aria-description", "placeholder", "title", "label"}
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_SENTENCE: Final = re.compile(r"[^\W\d_]+,? [^\W\d_]+.*[A-Z.:]|^[A-Z][a-z]+")


def read_template(file: Path, name: str, found: Found) -> None:
    """Note the texts of a template; one that stands there as it is, or is put together, has no translation."""
    source = file.read_text(encoding="utf-8")
    try:
        tree = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as error:
        found.complain(name, error.lineno, str(error.message))
        return
    for _, function, message in extract_from_ast(tree, GETTEXT_FUNCTIONS):
        one, many, *_ = (message, None) if isinstance(message, str | None) else message
        if one:
            found.add(Text(one, many if function == "ngettext" else None), name)
    for line, what in (*_bare(source), *_put_together(tree)):
        found.complain(name, line, what)


def _bare(source: str) -> Iterator[tuple[int, str]]:
    """Yield what is to be read and stands outside of `_()`; each expression is a full stop in what is left."""
    page, inside, translated = _Page(), False, False
    statement: list[str] = []
    for line, kind, value in _ENVIRONMENT.lex(source):
        if kind == "data":
            page.feed_line(line, "" if translated else value)
        elif kind in {"variable_begin", "block_begin"}:
            inside, statement = True, []
        elif kind in {"variable_end", "block_end"}:
            if kind == "variable_end":
                page.feed_line(line, ".")
            elif statement[:1] in (["trans"], ["endtrans"]):
                translated = statement[0] == "trans"
            inside = False
        elif inside and kind == "name":
            statement.append(value)
    page.close()
    yield from page.bare


class _Page(HTMLParser):
    """Text and attributes of a template that stand there as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.bare: list[tuple[int, str]] = []
        self._line = 0
        self._code = 0

    def feed_line(self, line: int, text: str) -> None:
        self._line = line
        self.feed(text)

    def handle_data(self, data: str) -> None:
        if not self._code:
            self._look(data)

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in _CODE

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in _CODE
        for name, value in attrs:
            if name in _READ_ALOUD:
                self._look(value or "")

    def _look(self, text: str) -> None:
        said = text.strip(" .·\n")
        if _LETTERS.search(said) and said not in _NAMES and not _CODE_ALIKE.match(text):
            self.bare.append((self._line, f"“{' '.join(text.split())}” stands outside of _()"))


def _put_together(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """Yield texts in expressions that are no constant argument of `_()`."""
    texts: set[int] = set()
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in GETTEXT_FUNCTIONS:
            constants = [one for one in call.args if isinstance(one, nodes.Const)]
            texts |= {id(one) for one in constants}
            if not constants or constants[0] is not call.args[0]:
                yield call.lineno, "_() takes a constant text; codes are shown by |words"
    for constant in tree.find_all(nodes.Const):
        if id(constant) in texts or not isinstance(constant.value, str) or constant.value in _NAMES:
            continue
        if _SENTENCE.search(constant.value):
            yield constant.lineno, f"“{constant.value}” stands outside of _()"
