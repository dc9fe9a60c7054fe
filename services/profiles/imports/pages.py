"""The pages of imports: send a list, say what its columns are, see what it would do, import it. And take it along."""

import csv
import io
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from services.profiles.imports import uploads
from services.profiles.imports.cells import quoted
from services.profiles.imports.columns import KNOWN, REQUIRED
from services.profiles.imports.problems import UnreadableError, shown
from services.profiles.imports.reading import Format, format_of, glance
from services.profiles.imports.uploads import Upload
from shared.contracts.organisations import Cluster
from shared.runtime.access import Actor, Manager
from shared.runtime.database import Pool
from shared.runtime.http import Database, ManagerDesk
from shared.runtime.refusals import Message, NotFound, Refused
from shared.web.forms import Form, Mistakes, Submitted, options
from shared.web.frame import Pages, see
from shared.web.live import live

router = APIRouter(prefix="/imports", include_in_schema=False)
_PAGES: Final = Pages(__file__)
_HERE: Final = "/profiles/imports"
_SHOWN: Final = 100
_LONGEST_NAME: Final = 100


@router.get("")
async def show_imports(request: Request, actor: Manager) -> Response:
    """Show the form to send a list, and the lists to take along."""
    return _start(request, actor, Form())


@router.post("")
async def send_list(request: Request, desk: ManagerDesk) -> Response:
    """Take a list; nothing is imported yet."""
    async with request.form(max_files=1, max_fields=10) as sent:
        form = Form({name: [value] for name, value in sent.items() if isinstance(value, str)})
        file = sent.get("file")
        try:
            upload_id = await _stored(desk, form, file if isinstance(file, UploadFile) else None)
        except Refused as refusal:
            return _start(request, desk.actor, form.refused(refusal), refusal.status)
        return see(f"{_HERE}/{upload_id}")


@router.get("/{upload_id}")
async def show_upload(request: Request, pool: Database, actor: Manager, upload_id: UUID) -> Response:
    """Show how far a list is: its columns, what it would do, how the import goes, what it did."""
    upload = await uploads.get(pool, actor, upload_id)
    if upload.step == "sent":
        return await _columns(request, pool, actor, upload)
    return _PAGES.show(request, actor, "upload.html", **_seen(upload))


@router.get("/{upload_id}/live")
async def upload_live(request: Request, pool: Database, actor: Manager, upload_id: UUID) -> Response:
    """Send how far it is, again whenever that has changed."""
    await uploads.get(pool, actor, upload_id)

    async def fragment(reader: Actor) -> Response:
        upload = await uploads.get(pool, reader, upload_id)
        return _PAGES.show(request, reader, "upload_step.html", **_seen(upload))

    return live(request, Manager, fragment)


@router.get("/{upload_id}/columns")
async def show_columns(request: Request, pool: Database, actor: Manager, upload_id: UUID) -> Response:
    """Show what the columns of a list are taken for."""
    return await _columns(request, pool, actor, await uploads.get(pool, actor, upload_id))


@router.post("/{upload_id}/check")
async def check_list(request: Request, desk: ManagerDesk, upload_id: UUID, form: Submitted) -> Response:
    """Say what the columns are, and see what the list would do."""
    upload = await uploads.get(desk.pool, desk.actor, upload_id)
    if upload.format != "jsonl":
        headers = glance(await uploads.content(desk.pool, upload), upload.format).headers
        mapped = {header: form.get(f"column-{place}") for place, header in enumerate(headers) if header}
        try:
            _check_columns(mapped)
        except Refused as refusal:
            return await _columns(request, desk.pool, desk.actor, upload, form.refused(refusal), refusal.status)
        await uploads.choose(desk.pool, upload, mapped)
        upload = await uploads.get(desk.pool, desk.actor, upload_id)
    await uploads.begin(desk.commands, desk.actor, upload, desk.request.cause, dry=True)
    return see(f"{_HERE}/{upload_id}")


@router.post("/{upload_id}/import")
async def import_list(desk: ManagerDesk, upload_id: UUID, form: Submitted) -> Response:
    """Import it."""
    upload = await uploads.get(desk.pool, desk.actor, upload_id)
    skip = form.get("skip") == "yes"
    await uploads.begin(desk.commands, desk.actor, upload, desk.request.cause, dry=False, skip=skip)
    return see(f"{_HERE}/{upload_id}")


@router.post("/{upload_id}/drop")
async def drop_list(desk: ManagerDesk, upload_id: UUID) -> Response:
    """Delete a list before its time."""
    await uploads.drop(desk.pool, await uploads.get(desk.pool, desk.actor, upload_id))
    return see(_HERE)


@router.get("/{upload_id}/problems.csv")
async def problems(pool: Database, actor: Manager, upload_id: UUID) -> Response:
    """Return everything that is wrong in a list as a table."""
    upload = await uploads.get(pool, actor, upload_id)
    if upload.report is None:
        raise NotFound("report")
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=";")
    writer.writerow(["line", "column", "problem"])
    writer.writerows([one.line, quoted(one.field), quoted(one.message)] for one in upload.report.problems)
    headers = {"Content-Disposition": 'attachment; filename="problems.csv"', "Cache-Control": "no-store"}
    return Response(f"\ufeff{table.getvalue()}", media_type="text/csv; charset=utf-8", headers=headers)


async def _stored(desk: ManagerDesk, form: Form, file: UploadFile | None) -> UUID:
    cluster = next((one for one in desk.actor.clusters if one == form.get("cluster")), None)
    if cluster is None:
        raise Mistakes({"cluster": Message("Choose one of these.")})
    if file is None or not file.filename:
        raise Mistakes({"file": Message("Choose a file.")})
    content = await file.read(uploads.MAX_FILE + 1)
    if len(content) > uploads.MAX_FILE:
        raise Mistakes({"file": Message("This file has more than 10 MB. Split it; every part needs the header.")})
    kind: Format = format_of(file.filename, content)
    if kind != "jsonl":
        try:
            glance(content, kind)
        except UnreadableError as error:
            said = Message(
                "This list cannot be read: line %(line)s %(problem)s.", line=error.problem.line, problem=str(error)
            )
            raise Mistakes({"file": said}) from None
    name = shown(file.filename, _LONGEST_NAME)
    return await uploads.store(desk.pool, desk.actor, cluster, name, kind, content)


def _check_columns(mapped: Mapping[str, str]) -> None:
    """Refuse columns that are missing, or there twice."""
    chosen = [column for column in mapped.values() if column]
    if missing := [column for column in REQUIRED if column not in chosen]:
        raise Mistakes({"": Message("Say which column holds %(column)s.", column=missing[0])})
    if twice := [column for column in chosen if chosen.count(column) > 1]:
        raise Mistakes({"": Message("Two columns cannot both be %(column)s. Leave one out.", column=twice[0])})
    if set(chosen) - set(KNOWN):
        raise Mistakes({"": Message("Choose one of these.")})


def _start(request: Request, actor: Actor, form: Form, status: int = 200) -> Response:
    clusters = [choice for choice in options(Cluster) if choice[0] in actor.clusters]
    return _PAGES.show(request, actor, "imports.html", status=status, form=form, clusters=clusters, known=KNOWN)


async def _columns(
    request: Request, pool: Pool, actor: Actor, upload: Upload, form: Form | None = None, status: int = 200
) -> Response:
    if upload.format == "jsonl":  # its fields have names already
        return _PAGES.show(request, actor, "columns.html", upload=upload, form=form or Form(), glance=None)
    seen = glance(await uploads.content(pool, upload), upload.format)
    guessed = {
        f"column-{place}": (upload.mapped or {}).get(header, seen.columns[place] or "")
        for place, header in enumerate(seen.headers)
    }
    unknown = [header for header, column in zip(seen.headers, seen.columns, strict=True) if header and not column]
    shown: dict[str, Any] = {"upload": upload, "glance": seen, "known": KNOWN, "unknown": unknown}
    form = form or Form.of(**guessed)
    return _PAGES.show(request, actor, "columns.html", status=status, form=form, **shown)


def _seen(upload: Upload) -> dict[str, Any]:
    return {"upload": upload, "report": upload.report, "shown": _SHOWN}
