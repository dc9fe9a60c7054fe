"""The way in and the way out. A link is mailed; the page behind it has a button, since mail scanners open links."""

from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Final
from uuid import UUID

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from starlette.background import BackgroundTask

from services.profiles.accounts.queries import find_account
from services.profiles.sessions import commands
from services.profiles.sessions.commands import Begun, Link
from services.profiles.sessions.domain import LINK_TIME, Asked, browser_of
from services.profiles.sessions.letters import send_link
from services.profiles.sessions.provider import ATTEMPT_TIME, NotProvenError, Provider
from services.profiles.sessions.renewal import session_cookie
from services.profiles.sessions.signing import signer
from shared.runtime.access import COOKIE, Actor, Visitor, check_from_here, is_secure
from shared.runtime.commands import Request as CommandRequest
from shared.runtime.database import Pool
from shared.runtime.http import Database
from shared.runtime.publication import Cause
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages, is_ours, see

log = structlog.get_logger()

router = APIRouter(include_in_schema=False)
_PAGES: Final = Pages(__file__)
_FIRST_PAGE: Final = "/notify/home"
_PROVIDER: Final = "/profiles/sign-in/provider"
_ATTEMPT: Final = "sign_in_attempt"
_MINUTES: Final = int(LINK_TIME.total_seconds() // 60)


@router.get("/")
async def front_door(visitor: Visitor) -> Response:  # noqa: ARG001 - the rule: everyone may come
    """Go on to the first page."""
    return see(_FIRST_PAGE)


@router.get("/sign-in")
async def sign_in_page(
    request: Request,
    visitor: Visitor,
    next: str = "",  # noqa: A002 - named as in the address
) -> Response:
    """Ask for the address that a link shall go to."""
    return _sign_in(request, visitor, Form.of(next=next))


@router.post("/sign-in")
async def ask_for_link(request: Request, pool: Database, visitor: Visitor, form: Submitted) -> Response:
    """Mail a link; the answer is the same whether or not anyone has this address."""
    check_from_here(request)
    try:
        asked = form.read(Asked, next=form.get("next"))
        link = await commands.ask_for_link(pool, asked.email, _client(request), _place(asked.next))
    except Refused as refusal:
        return _sign_in(request, visitor, form.refused(refusal), refusal.status)
    return _sent(request, visitor, link, asked.email)


@router.get("/sign-in/link")
async def link_page(request: Request, visitor: Visitor, key: str = "") -> Response:
    """Show the button that signs in; opening the page uses nothing up."""
    return _PAGES.show(request, visitor, "link.html", key=key)


@router.post("/sign-in/link")
async def sign_in(request: Request, pool: Database, visitor: Visitor, form: Submitted) -> Response:
    """Sign in with a link."""
    check_from_here(request)
    key = form.get("key")
    try:
        begun = await commands.begin(pool, key, _click(form), browser_of(request.headers.get("user-agent", "")))
    except Refused as refusal:
        return _PAGES.show(request, visitor, "spent.html", status=refusal.status, code=refusal.code, key=key)
    return await signed_in(request, pool, begun)


@router.post("/sign-in/again")
async def ask_again(request: Request, pool: Database, visitor: Visitor, form: Submitted) -> Response:
    """Mail a new link to the address that a spent one was sent to."""
    check_from_here(request)
    try:
        link = await commands.ask_again(pool, form.get("key"), _client(request))
    except Refused as refusal:
        return _sign_in(request, visitor, form.refused(refusal), refusal.status)
    return _sent(request, visitor, link, "")


@router.post("/sign-out")
async def sign_out(request: Request, visitor: Visitor) -> Response:
    """Sign out: the session ends in all services, and the browser forgets it."""
    check_from_here(request)
    if visitor is not None and (session := visitor.session) is not None:
        correlation = request.state.correlation
        command = CommandRequest(Cause(visitor.actor, visitor.kind, correlation, correlation))
        await commands.end(request.app.state.commands, command, session.account_id, [session.session_id])
    answer = see("/profiles/sign-in")
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return answer


@router.get("/sign-in/provider")
async def go_to_provider(
    request: Request,
    pool: Database,
    visitor: Visitor,
    next: str = "",  # noqa: A002 - named as in the address
) -> Response:
    """Go to the OpenID provider. A link and no form: a page may send its forms only to us."""
    try:
        begun = await _provider(request).begin(pool, _place(next))
    except NotProvenError as error:
        return _not_proven(request, visitor, error)
    answer = see(begun.address)
    seconds = int(ATTEMPT_TIME.total_seconds())
    secure = is_secure(request)
    answer.set_cookie(_ATTEMPT, begun.browser, seconds, path=_PROVIDER, httponly=True, samesite="lax", secure=secure)
    return answer


@router.get("/sign-in/provider/callback")
async def come_from_provider(
    request: Request, pool: Database, visitor: Visitor, code: str = "", state: str = ""
) -> Response:
    """Come back from the OpenID provider, and sign in if the address is one that was let in."""
    browser = request.cookies.get(_ATTEMPT, "")
    try:
        proven = await _provider(request).prove(pool, code=code, state=state, browser=browser)
    except NotProvenError as error:
        return _not_proven(request, visitor, error)
    account_id = await find_account(pool, proven.email)
    if account_id is None:
        return _PAGES.show(request, visitor, "unknown.html", status=403)
    name = browser_of(request.headers.get("user-agent", ""))
    answer = await signed_in(request, pool, await commands.begin_for(pool, account_id, name, proven.place))
    answer.delete_cookie(_ATTEMPT, path=_PROVIDER, httponly=True, samesite="lax")
    return answer


async def signed_in(request: Request, pool: Pool, begun: Begun) -> Response:
    """Return the answer that begins a session in a browser."""
    token = (await signer(pool)).token(begun.account_id, begun.session_id, datetime.now(UTC))
    answer = see(_place(begun.place) or _FIRST_PAGE)
    answer.headers.append("Set-Cookie", session_cookie(token, secure=is_secure(request)))
    return answer


def _sign_in(request: Request, visitor: Actor | None, form: Form, status: int = 200) -> Response:
    provider = _provider(request).name
    return _PAGES.show(request, visitor, "sign_in.html", status=status, form=form, provider=provider)


def _provider(request: Request) -> Provider:
    """Return the OpenID provider of this system.

    Raises:
        HTTPException: 404, it has none, and this is a page about it.
    """
    found: Provider = request.app.state.provider
    if not found.name and request.url.path.startswith(_PROVIDER):
        raise HTTPException(404, "There is no such page.")
    return found


def _not_proven(request: Request, visitor: Actor | None, error: NotProvenError) -> Response:
    log.warning("not signed in by the provider", reason=str(error))
    name = _provider(request).name
    return _PAGES.show(request, visitor, "not_proven.html", status=502, provider=name)


def _sent(request: Request, visitor: Actor | None, link: Link | None, email: str) -> Response:
    answer = _PAGES.show(request, visitor, "sent.html", email=email, minutes=_MINUTES)
    if link is not None:
        answer.background = BackgroundTask(send_link, link, request.app.state.mail)
    return answer


def _place(place: str) -> str:
    return place if is_ours(place) and len(place) <= _LONGEST_PLACE else ""


_LONGEST_PLACE: Final = 1_000


def _click(form: Form) -> UUID | None:
    try:
        return UUID(form.get("command_id"))
    except ValueError:
        return None


def _client(request: Request) -> str:
    """Return the address that a request came from: of those that proxies name, the last that is none of our own.

    What a client claims stands before what the first proxy saw, so it is looked at only where that is a private one.
    """
    named = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
    public = next((one for one in reversed(named) if _is_public(one)), None)
    return public or (named[-1] if named else request.client.host if request.client else "")


def _is_public(address: str) -> bool:
    try:
        return ip_address(address).is_global
    except ValueError:
        return False
