"""The import over HTTP, for lists up to the limit of a body; larger ones go through the command line."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel

from services.profiles.imports import commands
from services.profiles.imports.commands import Order, Report
from services.profiles.imports.exports import TYPES, exported, listed
from services.profiles.imports.reading import Format
from services.profiles.imports.rows import Source, read
from shared.contracts.organisations import Cluster
from shared.runtime.access import Manager
from shared.runtime.http import Database, ManagerDesk
from shared.runtime.problems import problem
from shared.runtime.refusals import Forbidden

router = APIRouter(prefix="/api/imports", tags=["imports"])

MOST_PROBLEMS: Final = 50
"""Problems that are listed; whoever has more learns the number and begins with these."""

_TYPES: Final[dict[str, Format]] = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/csv": "csv",
    "application/csv": "csv",
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            name: {"schema": {"type": "string"}} for name in ("text/csv", "application/x-ndjson", TYPES["xlsx"])
        },
    }
}


taking_along = APIRouter(prefix="/api/exports", tags=["imports"])


class ImportReport(BaseModel):
    """What an import did, or would do."""

    imported: bool
    created: int
    changed: int
    unchanged: int
    invalid: int
    seconds: float
    problems: list[dict[str, int | str]]
    more_problems: int


@router.post("", openapi_extra=_BODY, response_model=ImportReport)
async def import_list(
    desk: ManagerDesk,
    request: Request,
    cluster: Cluster,
    dry_run: Annotated[bool, Query(description="Report what would happen, and do nothing.")] = False,
    skip_invalid: Annotated[bool, Query(description="Import what is right, and leave out the rest.")] = False,
) -> Response | ImportReport:
    """Import a list of organisations that `cluster` keeps, by their keys in it; the same list again changes nothing."""
    if cluster not in desk.actor.clusters:
        raise Forbidden("You can import the lists of your own clusters only.")
    source = Source(cluster, desk.actor.clusters)
    order = Order(source, desk.request.cause, dry_run=dry_run, skip_invalid=skip_invalid)
    reading = await asyncio.to_thread(read, await request.body(), _format(request), source)
    report = await commands.run(desk.commands, reading, order)
    if report.imported or dry_run:
        return _shown(report)
    detail = f"{report.invalid} organisations have errors, so nothing was imported. Correct them or send skip_invalid."
    listed = _shown(report)
    return problem(422, "invalid-list", detail, errors=listed.problems, more_errors=listed.more_problems)


@taking_along.get("", response_class=Response)
async def export_list(
    pool: Database, actor: Manager, cluster: Cluster, kind: Annotated[Format, Query(alias="format")] = "csv"
) -> Response:
    """Return the organisations of a cluster as a list; imported again it changes nothing."""
    found = await listed(pool, actor, cluster)
    content = await asyncio.to_thread(exported, found, kind)
    headers = {
        "Content-Disposition": f'attachment; filename="organisations-{cluster}.{kind}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=TYPES[kind], headers=headers)


def _format(request: Request) -> Format:
    name = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if name not in _TYPES:
        raise HTTPException(
            415, "Send text/csv, application/x-ndjson or a spreadsheet (XLSX), and say which as Content-Type."
        )
    return _TYPES[name]


def _shown(report: Report) -> ImportReport:
    listed = report.problems[:MOST_PROBLEMS]
    return ImportReport(
        **{
            name: getattr(report, name)
            for name in ("imported", "created", "changed", "unchanged", "invalid", "seconds")
        },
        problems=[{"line": one.line, "field": one.field, "message": one.message} for one in listed],
        more_problems=len(report.problems) - len(listed),
    )
