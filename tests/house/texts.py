"""The texts that people read: found in templates and in Python, and what is wrong with how they stand there.

Both are read, not run. A text is an English sentence; where one is put together or stands in a template as it is, no
translation can be found for it, and that is a complaint.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import GETTEXT_FUNCTIONS, babel_extract

from shared.web.i18n.speech import CODE

# Which argument of a call is a text for people.
_TEXT_AT: Final[Mapping[str, int]] = {
    "Message": 0, "Forbidden": 0, "NotFound": 0, "Refused": 1, "Invalid": 1, "TooLarge": 1, "HTTPException": 1,
}  # fmt: skip
# Here messages are made of what was raised elsewhere.
_MAKERS: Final = {"shared/runtime/refusals.py", "shared/runtime/problems.py"}
# Codes that nobody reads on a page.
_MUTE: Final = {"shared/contracts/topics.py", "services/matching/engine", "services/profiles/imports"}
# The product's name, and languages: each is named in itself.
_NAMES: Final = {"Innovationsmotor", "Deutsch", "English"}
_CODE: Final = {"code", "kbd", "samp"}
# Attributes that a macro puts into a tag, and paths.
_CODE_ALIKE: Final = re.compile(r"""\s*[a-z-]+=["']|/\S+\s*$""")
_READ_ALOUD: Final = {"alt", "aria-label", "aria-description", "placeholder", "title", "content", "label"}
_EVENT: Final = re.compile(r"innovationsmotor\.([a-z-]+)\.v\d+")
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_SENTENCE: Final = re.compile(r"[^\W\d_]+,? [^\W\d_]+.*[A-Z.:]|^[A-Z][a-z]+")


@dataclass(frozen=True)
class Text:
    """One text: its wording for one and, where it counts, for many; the context of a code."""

    one: str
    many: str | None = None
    context: str | None = None


@dataclass
class Found:
    """Texts by the file that they stand in, and complaints."""

    texts: dict[Text, set[str]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def add(self, text: Text, file: str) -> None:
        """Note a text."""
        self.texts.setdefault(text, set()).add(file)


def find(root: Path) -> Found:
    """Return the texts of shared code and services below `root`."""
    found = Found()
    for folder in ("shared", "services"):
        for file in sorted((root / folder).rglob("*")):
            name = file.relative_to(root).as_posix()
            if "/tests/" in name or not file.is_file():
                continue
            if file.suffix == ".html":
                _read_template(file, name, found)
            elif file.suffix == ".py":
                _read_python(ast.parse(file.read_text(encoding="utf-8"), name), name, found)
    return found


def _read_template(file: Path, name: str, found: Found) -> None:
    source = file.read_text(encoding="utf-8")
    with file.open("rb") as content:
        for _, function, message, _ in babel_extract(content, GETTEXT_FUNCTIONS, (), {}):
            one, many, *_ = (message, None) if isinstance(message, str | None) else message
            if one:
                found.add(Text(one, many if function == "ngettext" else None), name)
    environment = Environment(extensions=["jinja2.ext.i18n"])
    try:
        complaints = [*_bare(environment, source), *_put_together(environment.parse(source))]
    except TemplateSyntaxError as error:
        complaints = [(error.lineno, str(error.message))]
    found.complaints += [f"{name}:{line}: {what}" for line, what in complaints]


def _bare(environment: Environment, source: str) -> Iterator[tuple[int, str]]:
    """Yield what is to be read and stands outside of `_()`; each expression is a full stop in what is left."""
    page, inside, translated = _Page(), False, False
    statement: list[str] = []
    for line, kind, value in environment.lex(source):
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
            if name in _READ_ALOUD and tag != "meta":
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


def _read_python(tree: ast.Module, name: str, found: Found) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            _read_call(node, name, found)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not any(name.startswith(mute) for mute in _MUTE):
            _read_codes(node, name, found)


def _read_call(call: ast.Call, name: str, found: Found) -> None:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    at = 1 if called == "__init__" else _TEXT_AT.get(called)
    given = [one.value for one in call.keywords if one.arg in {"message", "detail"}]
    given += call.args[at : at + 1] if at is not None else []
    for text in _constants(given[0]) if at is not None and given else ():
        if text is None:
            if called != "__init__" and name not in _MAKERS:
                found.complaints.append(
                    f"{name}:{call.lineno}: the text of {called} is put together; make it a constant"
                )
        elif called == "NotFound":
            found.add(Text(f"There is no such {text}."), name)
        elif _LETTERS.search(re.sub(r"%\(\w+\)s", "", text)):
            found.add(Text(text), name)


def _constants(node: ast.expr) -> Iterator[str | None]:
    """Yield the constant texts that an expression may be, None where it is none; calls and names are made elsewhere."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _constants(body)
            yield from _constants(other)
        case (
            ast.Call(func=ast.Attribute(attr="format" | "format_map" | "join" | "replace"))
            | ast.JoinedStr()
            | ast.BinOp()
        ):
            yield None


def _read_codes(node: ast.Assign | ast.AnnAssign, name: str, found: Found) -> None:
    """Note the codes of a `Literal` that has a name, and the types of public events."""
    is_field = isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) != "TypeAlias"
    value = node.annotation if isinstance(node, ast.AnnAssign) and is_field else node.value
    if not isinstance(value, ast.Subscript) or ast.unparse(value.value) != "Literal":
        return
    for one in ast.walk(value.slice):
        if isinstance(one, ast.Constant):
            event = _EVENT.fullmatch(str(one.value))
            if event or not is_field:
                found.add(Text(event[1] if event else str(one.value), context=CODE), name)
