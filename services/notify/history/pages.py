"""The pages of the history: what happened last, and the way of one thing across services."""

import re
from typing import Annotated, Final, get_args
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.notify.history import queries
from services.notify.history.queries import Kind, Service
from shared.runtime.access import Actor, Staff
from shared.runtime.database import Pool
from shared.runtime.http import Database
from shared.runtime.refusals import Message, NotFound
from shared.web.forms import Form
from shared.web.frame import Pages, see

router = APIRouter(prefix="/history", include_in_schema=False)
_PAGES: Final = Pages(__file__)
_PAGE: Final = 25
_ID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\b[0-9a-fA-F]{32}\b")


@router.get("")
async def newest_page(
    request: Request,
    pool: Database,
    actor: Staff,
    service: str = "",
    kind: str = "",
    after: str = "",
    search: Annotated[str, Query(alias="id")] = "",
) -> Response:
    """Show what happened last; a search leads to the way of what it finds an id of."""
    if not search.strip():
        return await _newest(request, pool, actor, Form.of(service=service, kind=kind, after=after))
    if (wanted := _id_in(search)) is None:
        problem = Message("There is no id in this. An id looks like 0f8fad5b-d9cb-469f-a165-70867728950e.")
        return await _newest(request, pool, actor, Form({"id": [search]}, {"id": problem}), status=422)
    return see(f"/notify/history/{wanted}")


@router.get("/{text}")
async def way_page(request: Request, pool: Database, actor: Staff, text: str, *, whole: bool = False) -> Response:
    """Show the way of one thing; of a long one what happened last, until somebody wants the whole."""
    wanted = _id_in(text)
    try:
        way = await queries.way(pool, wanted, queries.MOST if whole else _PAGE) if wanted else None
    except NotFound:
        way = None
    if way is None:
        problem = Message("Nothing is known under this id. If it is new, it may be on its way: try again in a moment.")
        return await _newest(request, pool, actor, Form({"id": [text]}, {"id": problem}), status=404)
    return _PAGES.show(request, actor, "way.html", way=way, whole=whole)


async def _newest(request: Request, pool: Pool, actor: Actor, form: Form, *, status: int = 200) -> Response:
    """Show the list; a filter that names nothing counts as none."""
    service = next((one for one in get_args(Service) if one == form.get("service")), None)
    kind = next((one for one in get_args(Kind) if one == form.get("kind")), None)
    try:
        page = await queries.newest(pool, service=service, kind=kind, after=_id_in(form.get("after")), limit=_PAGE)
    except NotFound:
        page = await queries.newest(pool, service=service, kind=kind, after=None, limit=_PAGE)
    filters = {"services": get_args(Service), "kinds": get_args(Kind)}
    return _PAGES.show(request, actor, "history.html", status=status, form=form, page=page, **filters)


def _id_in(text: str) -> UUID | None:
    """Return the first id in a text: people copy links, and Message-IDs of mails."""
    found = _ID.search(text)
    return UUID(found[0]) if found else None
