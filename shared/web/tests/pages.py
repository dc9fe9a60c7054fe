"""Pages of the service of counters, which the tests of the frame look at."""

import dataclasses
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from shared.runtime.access import Anyone, Visitor
from shared.runtime.http import MemberDesk
from shared.runtime.refusals import Refused
from shared.runtime.tests.things import Add, counter
from shared.runtime.tests.things_service import SERVICE
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages, install, see

router = APIRouter(include_in_schema=False)
_PAGES = Pages(__file__)


class Addition(BaseModel):
    name: Annotated[int, Field(ge=0)]


@router.get("/note")
async def note(request: Request, visitor: Visitor, title: str = "Note", text: str = "") -> Response:
    return _PAGES.show(request, visitor, "note.html", title=title, form=Form.of(name=text, text=text))


@router.get("/closed")
async def closed(request: Request, actor: Anyone) -> Response:
    return _PAGES.show(request, actor, "note.html", title="Closed", form=Form())


@router.get("/broken/{what}")
async def broken(_: Anyone, what: str) -> dict[str, Any]:
    raise ConnectionResetError if what == "connection" else ZeroDivisionError("Anna Beispiel")


@router.post("/counters/{counter_id}")
async def add(request: Request, desk: MemberDesk, counter_id: UUID, form: Submitted) -> Response:
    try:
        answer = await desk.handle(counter(), counter_id, Add(form.read(Addition).name, form.get("text")))
    except Refused as refusal:
        refused, status = form.refused(refusal), refusal.status
        return _PAGES.show(request, desk.actor, "note.html", status=status, title="Again", form=refused)
    return see(f"/things/note?title={answer.version}")


WITH_PAGES = dataclasses.replace(SERVICE, routers=(*SERVICE.routers, router), web=install)
