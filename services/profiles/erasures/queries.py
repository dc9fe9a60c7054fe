"""What an erasure would take along, who may ask for it, and what its receipt says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from services.profiles.ideas.queries import require_owner
from services.profiles.organisations.queries import require_acting_for
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import NotFound

ORGANISATION = """
    SELECT name AS called,
           jsonb_array_length(doc -> 'needs') + jsonb_array_length(doc -> 'offers') AS entries,
           (SELECT count(*) FROM idea WHERE organisation_id = organisation.id) AS ideas,
           (SELECT count(*) FROM comment WHERE organisation_id = organisation.id) AS comments,
           (SELECT count(*) FROM access JOIN account ON account.id = access.id
            WHERE NOT access.erased AND access.doc -> 'clusters' = '[]'
              AND access.doc -> 'organisations' = jsonb_build_array(organisation.id::text)) AS accounts
    FROM organisation WHERE id = $1
"""
IDEA = """
    SELECT doc #>> '{content,title}' AS called, 0 AS entries, 1 AS ideas, 0 AS accounts,
           (SELECT count(*) FROM comment WHERE idea_id = idea.id) AS comments
    FROM idea WHERE id = $1
"""
ACCOUNT = """
    SELECT email AS called, 0 AS entries, 0 AS ideas, 0 AS comments, 1 AS accounts FROM account WHERE id = $1
"""
EXTENTS: Final = {"organisation": ORGANISATION, "idea": IDEA, "account": ACCOUNT}
RECEIPT = (
    "SELECT kind, count(*) AS things, sum(texts) AS texts, min(at) AS at FROM erasure WHERE receipt = $1 GROUP BY 1"
)
LIST = "SELECT receipt, kind, id, at FROM erasure ORDER BY at, receipt, kind, id"


class Extent(BaseModel):
    """What would be gone: what it is called, and how much of what."""

    called: str
    entries: int
    ideas: int
    comments: int
    accounts: int


class Receipt(BaseModel):
    """What is kept of an erasure. It names no one."""

    id: UUID
    at: datetime
    erased: Mapping[str, int]
    texts: int


async def require_may_erase(pool: Pool | Connection, actor: Actor, kind: str, wanted: UUID) -> None:
    """Let those erase who act for it, and operators whom somebody asked to; an account its owner.

    Raises:
        NotFound: there is no such thing, or no more.
        Forbidden: it is someone else's.
    """
    if actor.role == "operator":
        await extent(pool, kind, wanted)
    elif kind == "account":
        if actor.actor != str(wanted):
            raise NotFound("account")
    elif kind == "organisation":
        await require_acting_for(pool, actor, wanted)
    else:
        await require_owner(pool, actor, wanted)


async def extent(pool: Pool | Connection, kind: str, wanted: UUID) -> Extent:
    """Return what would be gone.

    Raises:
        NotFound: there is no such thing, or no more.
    """
    row = await pool.fetchrow(EXTENTS[kind], wanted)
    if row is None:
        raise NotFound(kind)
    return Extent(**row)


async def receipt_of(pool: Pool, receipt: UUID) -> Receipt:
    """Return a receipt.

    Raises:
        NotFound: there is none.
    """
    rows = await pool.fetch(RECEIPT, receipt)
    if not rows:
        raise NotFound("receipt")
    erased = {row["kind"]: row["things"] for row in rows}
    return Receipt(id=receipt, at=rows[0]["at"], erased=erased, texts=sum(row["texts"] for row in rows))
