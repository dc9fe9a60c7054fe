"""The frame around every page, and how a slice shows its own in it."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from shared.runtime.access import Actor, Role
from shared.web.navigation import entries_for

SIGN_IN: Final = "/profiles/sign-in"
"""Where everyone signs in, whichever service they came to."""

_HERE = Path(__file__).parent
_MEMBERS: Final[frozenset[Role]] = frozenset({"member", "manager"})
_STAFF: Final[frozenset[Role]] = frozenset({"manager", "operator"})
HOME_ZONE: Final = ZoneInfo("Europe/Berlin")
"""The zone that times are shown in, where nothing else says another."""

_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: browsers then hide the origin of forms as well, by which we know our own.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


class Pages:
    """The pages of a slice: its folder `templates` beside the common one. Made once, with the slice's `__file__`."""

    def __init__(self, file: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader([Path(file).parent / "templates", _HERE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined] # of the extension
        self._environment.filters |= {"moment": moment, "day": day, "words": words}
        self._environment.globals |= {"fresh_id": lambda: str(uuid4()), "address": address}
        self._environment.globals |= {"MEMBERS": _MEMBERS, "STAFF": _STAFF}

    def show(
        self, request: Request, actor: Actor | None, template: str, *, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """Return a page with what the frame needs: who is signed in, where they are, where they can go.

        Every template knows `actor`, `path`, `status`, `address(path, **query)`, the filters `moment`, `day` and
        `words`, and the roles `MEMBERS` and
        `STAFF`.
        """
        frame = {
            "actor": actor,
            "status": status,
            "path": request.url.path,
            "navigation": entries_for(actor),
            "service": request.app.state.service,
        }
        text = self._environment.get_template(template).render(**frame, **context)
        return HTMLResponse(text, status, _HEADERS)


def install(app: FastAPI) -> None:
    """Give a service what its pages need: the style sheet, and problems as pages where people look at pages."""
    service = app.title.partition(":")[0].lower()  # as in `Profiles: who takes part`
    app.state.service = service
    app.state.problem_page = problem_page
    app.mount(f"/{service}/static", StaticFiles(directory=_HERE / "static"), name="static")


def see(place: str) -> Response:
    """Return the answer to a form that worked: go and look there."""
    return RedirectResponse(place, 303, {"Cache-Control": "no-store"})


def problem_page(request: Request, status: int, detail: str) -> Response:
    """Return a problem as a page; who is not signed in and only looks, is shown the way in."""
    if status == 401 and request.method in {"GET", "HEAD"}:  # noqa: PLR2004
        place = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': place})}", 303)
    actor = getattr(request.state, "actor", None)
    return _PAGES.show(request, actor, "problem.html", status=status, detail=detail, back=_came_from(request))


def _came_from(request: Request) -> str:
    """Return the page of ours that the request was sent from, empty if it is not known or another site's."""
    try:
        sent_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    host = request.headers.get("x-forwarded-host") or request.headers.get("host")
    place = sent_from.path + (f"?{sent_from.query}" if sent_from.query else "")
    return place if sent_from.netloc == host and is_ours(place) and sent_from.path != request.url.path else ""


def is_ours(place: str) -> bool:
    """Tell whether a place is a path here: browsers read two slashes as another host, and skip line ends."""
    return place.startswith("/") and not place.startswith(("//", "/\\")) and place.isprintable()


def address(path: str, **query: object) -> str:
    """Return the address of a page of ours; what is None or empty is no part of the query."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


def day(on: date) -> str:
    """Return a date as people write it."""
    return f"{on:%d.%m.%Y}"


def moment(at: datetime, zone: str | None = None) -> str:
    """Return a time as people write it, in the zone named or at home."""
    return at.astimezone(ZoneInfo(zone) if zone else HOME_ZONE).strftime("%d.%m.%Y %H:%M")


def words(code: str) -> str:
    """Return a code as words: `startup_day` as `startup day`."""
    return code.replace("_", " ").replace("-", " ")


_PAGES = Pages(__file__)
