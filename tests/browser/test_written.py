"""HTML and script in every field of every form: whatever people write is text, in all languages and on all pages.

Without a browser: the pages are read as a browser reads them, and no element may be there that somebody wrote.
It runs last, since it leaves what it wrote on the stage.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

import httpx
import pytest

from shared.runtime.access import COOKIE
from tests.browser.pages import PAGES
from tests.browser.stage import Stage, Who

_ELEMENT: Final = "written-by-hand"
_WRITTEN: Final = (
    f"\"'></textarea></title></select><{_ELEMENT} onload='x()'><script>x()</script>&lt;b&gt; {{{{ 7 * 7 }}}}"
)
_FREE: Final = frozenset({"text", "search", "textarea"})
"""Kinds of fields that take any text; all others take what they mean."""

_ENDS: Final = ("/sign-out", "/close", "/cancel", "/end", "/revoke", "/drop", "/unregister", "/language")
"""What is no place to write, and would end what other forms are for."""


@dataclass
class Form:
    """A form of a page: where it goes, and its fields with kind and content."""

    action: str
    method: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)

    def filled(self, *, everywhere: bool) -> dict[str, list[str]]:
        """Return it with HTML in the free texts, or in every field but those that nobody sees."""
        sent: dict[str, list[str]] = {}
        for name, kind, content in self.fields:
            written = kind in _FREE or (everywhere and kind != "hidden")
            sent.setdefault(name, []).append(_WRITTEN if written else content)
        return sent


class Page(HTMLParser):
    """A page as a browser reads it: its forms, and the names of its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.elements: set[str] = set()
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.add(tag)
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif not self.forms:
            return
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.forms[-1].fields.append((self._select, "select", given.get("value", "")))
        elif tag == "textarea" or (tag == "input" and (kind not in {"radio", "checkbox"} or "checked" in given)):
            self.forms[-1].fields.append((name, "textarea" if tag == "textarea" else kind, given.get("value", "")))


def seen(route: str, ids: dict[str, str]) -> str:
    """The address of a page."""
    return route.format(**ids)


def writable(page: Page) -> Iterator[Form]:
    """Yield the forms that people write into."""
    for form in page.forms:
        shown = [kind for _, kind, _ in form.fields if kind != "hidden"]
        if form.method == "post" and shown and not form.action.endswith(_ENDS):
            yield form


def fault_of(answer: httpx.Response, what: str) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    if answer.status_code >= 500:
        yield f"{what}: {answer.status_code}"
    if _ELEMENT in Page(answer.text).elements:
        yield f"{what}: shows as HTML what somebody wrote"


@pytest.mark.parametrize("everywhere", [True, False], ids=["every field", "free texts"])
async def test_what_people_write_is_text(on_stage: Stage, *, everywhere: bool) -> None:
    faults: list[str] = []
    written, ids = 0, dict(on_stage.ids)
    async with httpx.AsyncClient(base_url=on_stage.address, timeout=30, trust_env=False) as client:
        for route, roles in PAGES.items():
            who, place = roles[-1] if "accounts" in route else roles[0], seen(route, ids)
            headers = await _headers(on_stage, who)
            for form in writable(Page((await client.get(place, headers=headers)).text)):
                action, typed = form.action or place, form.filled(everywhere=everywhere)
                answer = await client.post(action, data=typed, headers=headers, follow_redirects=True)
                faults += fault_of(answer, f"the answer to {action} on {place}")
                written += 1
        for route, roles in PAGES.items():
            for who in roles:
                answer = await client.get(seen(route, ids), headers=await _headers(on_stage, who))
                faults += fault_of(answer, f"{seen(route, ids)} for the {who}")
    assert not faults, "\n".join(faults)
    assert written >= 15


async def _headers(on_stage: Stage, who: Who) -> dict[str, str]:
    headers = {"Origin": on_stage.address, "Accept-Language": "de"}
    return headers if who == "visitor" else {**headers, "Cookie": f"{COOKIE}={await on_stage.cookie(who)}"}
