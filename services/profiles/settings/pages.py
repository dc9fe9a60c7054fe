"""Settings: one's own account, where it is signed in, and the keys that programs have of it."""

from typing import Final, get_args
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.profiles.accounts import commands as accounts
from services.profiles.accounts import queries
from services.profiles.accounts.commands import KeyContent, OfferedScope
from services.profiles.organisations.queries import names
from services.profiles.sessions import commands as sessions
from services.profiles.sessions.queries import open_sessions
from shared.runtime.access import Actor, Person
from shared.runtime.database import Pool
from shared.runtime.http import Database, PersonDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages, see

router = APIRouter(prefix="/settings", include_in_schema=False)
_PAGES: Final = Pages(__file__)
_HERE: Final = "/profiles/settings"
_NEW_KEY: Final = Form.of(scopes=[scope for scope in get_args(OfferedScope) if scope.endswith(":read")], days=365)


@router.get("")
async def settings_page(request: Request, pool: Database, actor: Person) -> Response:
    """Show one's own account."""
    return await _settings(request, pool, actor)


@router.post("/sessions/{session_id}/end")
async def end_session(desk: PersonDesk, session_id: UUID) -> Response:
    """End one of one's sessions, everywhere."""
    await sessions.end(desk.commands, desk.request, UUID(desk.actor.actor), [session_id])
    return see(_HERE)


@router.post("/sessions/end")
async def end_other_sessions(desk: PersonDesk) -> Response:
    """End all of one's sessions but this one."""
    others = [session.id for session in await open_sessions(desk.pool, desk.actor) if not session.here]
    await sessions.end(desk.commands, desk.request, UUID(desk.actor.actor), others)
    return see(_HERE)


@router.post("/keys")
async def issue_key(request: Request, desk: PersonDesk, form: Submitted) -> Response:
    """Issue an API key, and show it this once."""
    try:
        key = await accounts.issue_key(desk.commands, desk.request, UUID(desk.actor.actor), form.read(KeyContent))
    except Refused as refusal:
        return await _settings(request, desk.pool, desk.actor, form.refused(refusal), refusal.status)
    answer = _PAGES.show(request, desk.actor, "key.html", key=key, name=form.get("name"))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post("/keys/{key_id}/revoke")
async def revoke_key(desk: PersonDesk, key_id: UUID) -> Response:
    """Revoke an API key, everywhere."""
    await accounts.revoke_key(desk.commands, desk.request, UUID(desk.actor.actor), key_id)
    return see(_HERE)


@router.post("/language")
async def speak(request: Request, desk: PersonDesk, form: Submitted) -> Response:
    """Say in which language mails shall come."""
    try:
        await accounts.speak(desk.pool, UUID(desk.actor.actor), form.read(accounts.MailLanguage).language)
    except Refused as refusal:
        return await _settings(request, desk.pool, desk.actor, form.refused(refusal), refusal.status)
    return see(_HERE)


async def _settings(request: Request, pool: Pool, actor: Actor, form: Form = _NEW_KEY, status: int = 200) -> Response:
    email, language = await queries.own(pool, actor)
    shown = {
        "email": email,
        "mail_language": Form.of(language=language),
        "organisations": await names(pool, actor.organisations),
        "sessions": await open_sessions(pool, actor),
        "keys": await queries.keys(pool, UUID(actor.actor)),
        "scopes": [(scope, scope) for scope in get_args(OfferedScope)],
        "form": form,
    }
    return _PAGES.show(request, actor, "settings.html", status=status, **shown)
