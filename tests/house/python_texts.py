"""The texts of Python: messages, refusals, and codes. The files are parsed, not run."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Final

from shared.web.i18n.speech import CODE
from tests.house.texts import Found, Text

# Which argument of a call is a text for people; classes that are made of these take it at the same place.
_TEXT_AT: Final[Mapping[str, int]] = {
    "Message": 0, "Forbidden": 0, "NotFound": 0, "Refused": 1, "Invalid": 1, "TooLarge": 1, "HTTPException": 1,
}  # fmt: skip
# Here messages are made of what was raised elsewhere.
_MAKERS: Final = {"shared/runtime/refusals.py", "shared/runtime/problems.py"}
# What is said to programs and on command lines, in English.
_ENGLISH: Final = re.compile(r"shared/contracts/|services/profiles/imports/|services/matching/engine/|.*/cli\.py$")
# Codes that nobody reads on a page.
_MUTE: Final = re.compile(
    r"shared/contracts/topics\.py|services/matching/engine/(?!signals/signal\.py)|services/profiles/imports/"
)
_EVENT: Final = re.compile(r"innovationsmotor\.([a-z-]+)\.v\d+")
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_SENTENCE: Final = re.compile(r"[A-Z].* .*[.?!]")


def read_python(trees: Mapping[str, ast.Module], found: Found) -> None:
    """Note the texts and codes of modules, by their names."""
    text_at = dict(_TEXT_AT)
    for tree in trees.values():
        text_at |= _made_of(tree, text_at)
    for name, tree in trees.items():
        _read_module(tree, name, text_at, found)


def _made_of(tree: ast.Module, text_at: Mapping[str, int]) -> dict[str, int]:
    """Return the classes of a module that are made like those known, and where they take their text."""
    made: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            makes_itself = any(isinstance(one, ast.FunctionDef) and one.name == "__init__" for one in node.body)
            places = [text_at[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in text_at]
            if places and not makes_itself:
                made[node.name] = places[0]
    return made


def _read_module(tree: ast.Module, name: str, text_at: Mapping[str, int], found: Found) -> None:
    said: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            at = 1 if called == "__init__" else text_at.get(called)
            if at is not None:
                said |= {id(one) for one in ast.walk(node)}
                _read_call(node, called, at, name, found)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not _MUTE.match(name):
            _read_codes(node, name, found)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said.add(id(node.value))  # a docstring
    if not _ENGLISH.match(name) and name not in _MAKERS:
        for line, text in _unsaid(tree, said):
            found.complain(name, line, f"“{text}” is no Message")


def _unsaid(tree: ast.Module, said: set[int]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() as text) if id(node) not in said and _SENTENCE.fullmatch(text):
                yield node.lineno, text


def _read_call(call: ast.Call, called: str, at: int, name: str, found: Found) -> None:
    given = [*call.args[at : at + 1], *(one.value for one in call.keywords if one.arg in {"message", "detail"})]
    for text in _constants(given[0]) if given else ():
        if text is None:
            if called != "__init__" and name not in _MAKERS:
                found.complain(name, call.lineno, f"the text of {called} is put together; make it a constant")
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
