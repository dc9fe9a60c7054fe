"""The frame around every page, and how a slice shows its own in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.runtime.access import Actor, Role, Visitor, check_from_here, find_caller, is_from_here, is_secure
from shared.runtime.refusals import Invalid, Message
from shared.web.files import FOLDER, KeptFiles, static
from shared.web.forms import Form, Submitted, submitted
from shared.web.i18n import formats
from shared.web.i18n.choice import COOKIE, LANGUAGES, known, language_of
from shared.web.i18n.speech import speaking, speeches, spoken
from shared.web.navigation import entries_for

SIGN_IN: Final = "/profiles/sign-in"
"""Where everyone signs in, whichever service they came to."""

_HERE = Path(__file__).parent
_MEMBERS: Final[frozenset[Role]] = frozenset({"member", "manager"})
_STAFF: Final[frozenset[Role]] = frozenset({"manager", "operator"})
_YEAR: Final = 365 * 24 * 60 * 60
_LONGEST_PLACE: Final = 2_000

_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: browsers then hide the origin of forms as well, by which we know our own.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
    "Vary": "Accept-Language, Cookie",
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
            finalize=_said,
        )
        install_texts: Any = self._environment.install_gettext_callables  # type: ignore[attr-defined] # of the extension
        install_texts(_text, _counted, newstyle=True)
        self._environment.filters |= formats.FILTERS
        self._environment.globals |= {"fresh_id": lambda: str(uuid4()), "address": address, "static": static}
        self._environment.globals |= {"MEMBERS": _MEMBERS, "STAFF": _STAFF}

    def show(
        self, request: Request, actor: Actor | None, template: str, *, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """Return a page in its reader's language, with what the frame needs: who is signed in and where they can go.

        Every template knows `actor`, `status`, `path` and `here` (where to come back to), `language` and `languages`,
        `address(path, **query)`, `static(name)`, the filters `moment`, `clock`, `day`, `number`, `listed` and `words`,
        and the roles `MEMBERS` and `STAFF`. A `Message` is said in the reader's language wherever it is written.
        """
        speech = request.app.state.speeches[language_of(request)]
        frame = {
            "actor": actor,
            "status": status,
            "path": request.url.path,
            "here": _shown_at(request),
            "language": speech.language,
            "languages": LANGUAGES,
            "navigation": entries_for(actor),
            "service": request.app.state.service,
        }
        with speaking(speech):
            text = self._environment.get_template(template).render(**frame, **context)
        return HTMLResponse(text, status, {**_HEADERS, "Content-Language": speech.language})


def install(app: FastAPI, texts: Path | None = None) -> None:
    """Give a service what its pages need: files, languages, and problems as pages where people look at pages.

    Args:
        app: the service.
        texts: the folder of its own catalogues.
    """
    service = app.title.partition(":")[0].lower()  # as in `Profiles: who takes part`
    app.state.service = service
    app.state.speeches = speeches(texts)
    app.state.problem_page = problem_page
    app.include_router(_router, prefix=f"/{service}")
    app.mount(f"/{service}/static", KeptFiles(directory=FOLDER), name="static")


_router = APIRouter(include_in_schema=False)


@_router.post("/language")
async def choose_language(request: Request, visitor: Visitor, form: Submitted) -> Response:  # noqa: ARG001 - for everyone
    """Note in a cookie in which language somebody wants to read, and go on where they were."""
    check_from_here(request)
    if (wanted := known(form.get("language"))) is None:
        raise Invalid("unknown-language", "These pages are there in German and in English. Choose one of them.")
    place = form.get("next")
    answer = see(place if is_ours(place) and len(place) <= _LONGEST_PLACE else "/")
    answer.set_cookie(COOKIE, wanted, max_age=_YEAR, httponly=True, samesite="lax", secure=is_secure(request))
    return answer


def see(place: str) -> Response:
    """Return the answer to a form that worked: go and look there."""
    return RedirectResponse(place, 303, {"Cache-Control": "no-store"})


async def problem_page(request: Request, status: int, detail: Message) -> Response:
    """Return a problem as a page; who is not signed in is shown the way in, and loses nothing that was typed."""
    if status == 401:  # noqa: PLR2004
        if request.method in {"GET", "HEAD"}:
            return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': _here(request)})}", 303)
        if (typed := await _typed(request)) is not None:
            return _PAGES.show(request, None, "signed_out.html", status=status, typed=typed, place=_here(request))
    return _PAGES.show(
        request, await find_caller(request), "problem.html", status=status, detail=detail, back=_came_from(request)
    )


async def _typed(request: Request) -> Form | None:
    """Return what a form of ours brought that nobody was signed in for, None if there is nothing to keep.

    What came from elsewhere is not kept: it would be sent again as if the reader had typed it.
    """
    if not is_from_here(request):
        return None
    try:
        form = await submitted(request)
    except HTTPException:  # too much, or of another kind
        return None
    return form if form.values.keys() - {"command_id", "version"} else None


def _shown_at(request: Request) -> str:
    """Return where the page can be opened again: a form's answer may have an address that only forms go to."""
    return _here(request) if request.method in {"GET", "HEAD"} else _came_from(request) or _here(request)


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


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


def _text(text: str) -> str:
    return spoken().text(text)


def _counted(one: str, many: str, number: int) -> str:
    return spoken().counted(one, many, number)


def _said(value: object) -> object:
    return spoken().say(value) if isinstance(value, Message) else value


_PAGES = Pages(__file__)
