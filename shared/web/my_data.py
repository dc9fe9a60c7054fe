"""What a service keeps about somebody, to read and to take along (GDPR Art. 15 and 20), alike in every service.

A service names its sections; each is a list of records. What is about others is not in it: not what they answered,
nor who they are before both sides agreed.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from shared.runtime.access import Actor, Person
from shared.runtime.database import Pool
from shared.runtime.http import Database
from shared.runtime.refusals import Message
from shared.web.frame import Pages

Record = Mapping[str, Any]
Read = Callable[[Pool, Actor], Awaitable[Sequence[Record]]]

SHARES: Final = ("profiles", "matching", "events", "notify")
"""Who keeps something about people."""

Share = Literal["profiles", "matching", "events", "notify"]

Label = Literal[
    "account_id",
    "activity",
    "after",
    "anchor_title",
    "answer",
    "answer_reason",
    "answers",
    "at",
    "attempts",
    "author",
    "before",
    "began_at",
    "begun_at",
    "browser",
    "by",
    "cas",
    "cause",
    "close_reason",
    "cluster",
    "clusters",
    "confirmed_on",
    "consents",
    "contact_id",
    "content",
    "country",
    "cross_cluster",
    "data",
    "description",
    "direction",
    "done_at",
    "due_at",
    "email",
    "ended_at",
    "entry_id",
    "entry_ids",
    "expires_at",
    "expires_on",
    "flow_id",
    "flows",
    "founded",
    "gathering",
    "gathering_id",
    "given_at",
    "id",
    "idea_id",
    "industries",
    "ipr",
    "issued_at",
    "key",
    "kind",
    "language",
    "languages",
    "latitude",
    "longitude",
    "made_at",
    "mail",
    "match_id",
    "name",
    "needs",
    "note",
    "objections",
    "offers",
    "on_behalf",
    "opened_at",
    "organisation_id",
    "organisation_name",
    "organisations",
    "other",
    "partner_kinds",
    "partner_regions",
    "partner_sizes",
    "phone",
    "phrase",
    "place",
    "posted_at",
    "proposed_at",
    "purity",
    "purpose",
    "reached",
    "reason",
    "region",
    "registered_at",
    "reported_at",
    "role",
    "score",
    "seen_at",
    "side",
    "since",
    "size",
    "source",
    "stage",
    "starts_at",
    "state",
    "stream",
    "strength",
    "substance",
    "summary",
    "summary_en",
    "summary_language",
    "survey",
    "tags",
    "text",
    "title",
    "tonnes_per_year",
    "trl",
    "type",
    "unread",
    "unverified",
    "used_at",
    "version",
    "visibility",
    "wanted_at",
    "wanted_partners",
    "web",
    "weight",
    "why_they_want_you",
    "why_you_want_them",
    "withdrawn",
    "written_at",
    "yours",
]
"""Fields of records that have words in the reader's language; another is shown as it is."""

_PAGES: Final = Pages(__file__)
_SHOWN: Final = 4
_UNREAD: Final = frozenset(
    {"id", "epoch", "version", "account_id", "text_version", "summary_version", "score_for_you", "score_for_them"}
)
"""Fields that are for programs: the download has them."""
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {}, "-infinity")
"""What is empty; the last is a time that was never set."""
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
_DID = "SELECT to_jsonb(one) FROM (SELECT at, type, stream FROM event WHERE actor = $1 ORDER BY xid, position) one"


@dataclass(frozen=True)
class Section:
    """Records of one kind: what they are called in the file and on the page, and how they are found."""

    name: str
    title: Message
    read: Read


def of_account(sql: str) -> Read:
    """Return how records are found by a SELECT of one jsonb column; `$1` is the id of the account."""

    async def read(pool: Pool, actor: Actor) -> Sequence[Record]:
        return [json.loads(row[0]) for row in await pool.fetch(sql, actor.actor)]

    return read


def of_organisations(sql: str) -> Read:
    """Return how records are found by a SELECT of one jsonb column; `$1` are the account's own organisations."""

    async def read(pool: Pool, actor: Actor) -> Sequence[Record]:
        return [json.loads(row[0]) for row in await pool.fetch(sql, list(actor.organisations))]

    return read


def _readable(value: Any) -> Any:
    """Return records as people read them: without what is empty or for programs alone, and times as times."""
    if isinstance(value, Mapping):
        shown = {name: _readable(one) for name, one in value.items() if name not in _UNREAD}
        return {name: one for name, one in shown.items() if one not in _NOTHING}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_readable(one) for one in value]
    if isinstance(value, str) and _TIME.fullmatch(value):
        return datetime.fromisoformat(value)
    return value


def my_data(share: Share, *sections: Section) -> APIRouter:
    """Return the routes of a service by which people see and download what it keeps about them."""
    router = APIRouter()
    every = (*sections, Section("what_you_did", Message("What you did here"), of_account(_DID)))

    @router.get("/my-data", include_in_schema=False)
    async def my_data_page(request: Request, pool: Database, actor: Person) -> Response:
        """Show what is kept, the newest of what is much."""
        found = [(section.title, await section.read(pool, actor)) for section in every]
        shown = [(title, len(records), _readable(records[-_SHOWN:][::-1])) for title, records in found]
        return _PAGES.show(request, actor, "my_data.html", share=share, shares=SHARES, sections=shown, most=_SHOWN)

    @router.get("/api/my-data", tags=["my data"])
    async def download_my_data(pool: Database, actor: Person) -> Response:
        """Download what is kept, all of it, as JSON."""
        now = datetime.now(UTC)
        found = {section.name: await section.read(pool, actor) for section in every}
        content = {"service": share, "account": actor.actor, "made_at": now.isoformat(), **found}
        file = f'attachment; filename="innovationsmotor-{share}-{now:%Y-%m-%d}.json"'
        return JSONResponse(content, headers={"Content-Disposition": file, "Cache-Control": "no-store"})

    return router
