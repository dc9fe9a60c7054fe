"""The accounts that one manages: who is let in, and what they may do. For people; no key opens an account."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AfterValidator

from services.profiles.accounts import commands, invitations, queries
from services.profiles.accounts.commands import Who
from services.profiles.accounts.domain import Grant
from services.profiles.organisations.queries import all_names, mine, names
from shared.contracts.rights import Rights
from shared.contracts.text import printable
from shared.contracts.words import Cluster, Role
from shared.runtime.access import Actor, StaffPerson
from shared.runtime.database import Pool
from shared.runtime.http import Database, StaffDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted, options
from shared.web.frame import Pages, see

router = APIRouter(prefix="/accounts", include_in_schema=False)
_PAGES: Final = Pages(__file__)
_HERE: Final = "/profiles/accounts"
_ON_A_PAGE: Final = 50

Search = Annotated[str, Query(max_length=200), AfterValidator(printable)]


@router.get("")
async def accounts_page(
    request: Request, pool: Database, actor: StaffPerson, find: Search = "", after: Search = ""
) -> Response:
    """List the accounts that one manages."""
    page = await queries.list_page(pool, actor, find=find or None, after=after or None, limit=_ON_A_PAGE)
    known = await names(pool, {one for account in page.items for one in account.rights.organisations})
    shown: dict[str, Any] = {"accounts": page.items, "next": page.next, "find": find, "after": after, "names": known}
    return _PAGES.show(request, actor, "accounts.html", **shown)


@router.get("/new")
async def new_account_page(
    request: Request, pool: Database, actor: StaffPerson, organisation: UUID | None = None
) -> Response:
    """Show the form to let somebody in."""
    return await _new(request, pool, actor, Form.of(language="de", role="member", organisations=organisation))


@router.post("/new")
async def open_account(request: Request, desk: StaffDesk, form: Submitted) -> Response:
    """Let somebody in, and invite them by mail."""
    try:
        who, grant = form.read(Who), _grant(form)
        await queries.require_may_give(desk.pool, desk.actor, grant)
        await commands.open_account(desk.commands, desk.request, who, grant, invited_by=desk.actor)
    except Refused as refusal:
        return await _new(request, desk.pool, desk.actor, form.refused(refusal), refusal.status)
    return see(_HERE)


@router.get("/{account_id}")
async def account_page(request: Request, pool: Database, actor: StaffPerson, account_id: UUID) -> Response:
    """Show an account, to be changed."""
    account = await queries.get(pool, actor, account_id)
    return await _account(request, pool, actor, account_id, _filled(account.rights))


@router.post("/{account_id}")
async def change_account(request: Request, desk: StaffDesk, account_id: UUID, form: Submitted) -> Response:
    """Give an account other rights."""
    await queries.get(desk.pool, desk.actor, account_id)
    try:
        grant = _grant(form)
        await queries.require_may_give(desk.pool, desk.actor, grant)
        await commands.change_grant(desk.commands, desk.request, account_id, grant)
    except Refused as refusal:
        return await _account(request, desk.pool, desk.actor, account_id, form.refused(refusal), refusal.status)
    return see(_HERE)


@router.post("/{account_id}/invitation")
async def invite_again(request: Request, desk: StaffDesk, account_id: UUID) -> Response:
    """Mail a new invitation."""
    account = await queries.get(desk.pool, desk.actor, account_id)
    try:
        await invitations.invite_again(desk.pool, account_id)
    except Refused as refusal:
        form = _filled(account.rights).refused(refusal)
        return await _account(request, desk.pool, desk.actor, account_id, form, refusal.status)
    return see(f"{_HERE}/{account_id}")


@router.post("/{account_id}/close")
async def close_account(desk: StaffDesk, account_id: UUID) -> Response:
    """Let somebody in no more."""
    await queries.get(desk.pool, desk.actor, account_id)
    await commands.close_account(desk.commands, desk.request, account_id)
    return see(_HERE)


def _filled(rights: Rights) -> Form:
    return Form.of(role=rights.role, organisations=rights.organisations, clusters=rights.clusters)


def _grant(form: Form) -> Grant:
    """Return the rights that a form gives: of what does not go with the role nothing is kept."""
    role = form.get("role")
    given: dict[str, Any] = {}
    if role not in {"member", "manager"}:
        given["organisations"] = ()
    if role != "manager":
        given["clusters"] = ()
    return form.read(Grant, **given)


async def _new(request: Request, pool: Pool, actor: Actor, form: Form, status: int = 200) -> Response:
    return _PAGES.show(request, actor, "account.html", status=status, form=form, **await _choices(pool, actor))


async def _account(
    request: Request, pool: Pool, actor: Actor, account_id: UUID, form: Form, status: int = 200
) -> Response:
    account = await queries.get(pool, actor, account_id)
    shown = {"account": account, "form": form, **await _choices(pool, actor)}
    return _PAGES.show(request, actor, "account.html", status=status, **shown)


async def _choices(pool: Pool, actor: Actor) -> dict[str, Any]:
    """Return what one may give: an operator everything, a manager the organisations of their clusters."""
    if actor.role == "operator":
        return {"roles": options(Role), "clusters": options(Cluster), "organisations": await all_names(pool)}
    return {"roles": (), "clusters": (), "organisations": await mine(pool, actor)}
