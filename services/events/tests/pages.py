"""How tests look at pages: the way a person does, by what is to be read and where a form leads."""

from html.parser import HTMLParser
from typing import Any

import httpx


class Page(HTMLParser):
    """A page taken apart: its text, links, headings, and forms with their fields as they are filled in."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.text, self.links, self.headings = "", [], 0  # type: str, list[str], int
        self.forms: list[tuple[str, dict[str, Any]]] = []
        self.unlabelled: list[str] = []
        self._labels: set[str] = set()
        self._inside: list[str] = []
        self._select = self._area = ""
        assert answer.headers["content-type"].startswith("text/html")
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self._inside.append(tag)
        self.headings += tag == "h1"
        if tag == "a":
            self.links.append(has["href"])
        if tag == "label":
            self._labels.add(has.get("for", ""))
        if tag == "form":
            self.forms.append((has.get("action", ""), {}))
        if tag in {"input", "select", "textarea"}:
            self._field(tag, has)
        if tag == "option" and ("selected" in has or self._select not in self.fields):
            self.fields[self._select] = has["value"]

    def _field(self, tag: str, has: dict[str, str]) -> None:
        if has.get("type") != "hidden" and "label" not in self._inside and has.get("id") not in self._labels:
            self.unlabelled.append(has["name"])
        self._select = has["name"] if tag == "select" else ""
        self._area = has["name"] if tag == "textarea" else ""
        if tag == "input" and (has.get("type") != "checkbox" or "checked" in has):
            value: Any = has.get("value", "")
            if has["name"] in self.fields or has.get("type") == "checkbox":
                value = [*self.fields.get(has["name"], []), value]
            self.fields[has["name"]] = value

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.text += "".join(f"{word} " for word in data.split())
        if self._area and self._inside[-1:] == ["textarea"]:
            self.fields[self._area] = data.removeprefix("\n")  # as browsers do

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the form that was begun last."""
        return self.forms[-1][1]

    def form(self, ending: str) -> tuple[str, dict[str, Any]]:
        """Return where the form leads whose address ends so, and its fields."""
        return next(one for one in self.forms if one[0].endswith(ending))


async def look(client: httpx.AsyncClient, place: str, status: int = 200) -> Page:
    """Open a page; it has one heading of the first rank, and each field a label."""
    answer = await client.get(place)
    assert answer.status_code == status, answer.text
    return checked(answer)


def checked(answer: httpx.Response) -> Page:
    """Take a page apart that came as the answer to a form."""
    page = Page(answer)
    assert page.headings == 1
    assert page.unlabelled == []
    assert "<script>" not in answer.text
    return page
