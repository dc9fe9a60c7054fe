"""The SELECTs behind reports. Managers see those that concern their clusters; of anonymous ideas, all managers."""

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from services.profiles.comments import queries as comments
from services.profiles.ideas import queries as ideas
from services.profiles.reports.domain import Outcome, ReportReason
from shared.contracts.organisations import Language
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import NotFound, Refused

# The rules are those of who may hide an idea or a comment.
_CONCERNING: Final = """
    FROM report JOIN idea ON idea.id = report.idea_id JOIN organisation AS owner ON owner.id = idea.organisation_id
    LEFT JOIN comment ON comment.id = report.comment_id
    LEFT JOIN organisation AS writer ON writer.id = comment.organisation_id
    WHERE (idea.visibility = 'anonymous' OR owner.clusters && $1::text[]
           OR (idea.visibility <> 'clusters' AND NOT idea.hidden AND writer.clusters && $1::text[]))
"""
_THING: Final = """
    idea.id AS idea_id, idea.doc #>> '{content,title}' AS title, idea.doc #>> '{content,language}' AS language,
    report.comment_id
"""
OPEN: Final = f"""
    SELECT {_THING}, coalesce(
               CASE WHEN comment.id IS NULL THEN idea.doc ELSE comment.doc END #>> '{{content,text}}', ''
           ) AS text,
           json_agg(json_build_object(
               'id', report.id, 'reason', report.reason, 'text', report.said, 'reported_at', report.reported_at
           ) ORDER BY report.reported_at, report.id) AS reports
    {_CONCERNING} AND report.settled_at IS NULL
    GROUP BY idea.id, report.comment_id, comment.id
    ORDER BY min(report.reported_at), idea.id, report.comment_id LIMIT $2
"""
SETTLED: Final = f"""
    SELECT {_THING}, report.outcome, report.note, report.settled_at, report.reason {_CONCERNING}
    AND report.settled_at IS NOT NULL ORDER BY report.settled_at DESC, report.id LIMIT $2
"""
ONE: Final = f"""
    SELECT report.idea_id, report.comment_id, report.settled_at {_CONCERNING} AND report.id = $2 FOR UPDATE OF report
"""
KEEP: Final = "SELECT FROM comment WHERE id = $1 FOR KEY SHARE"
REPORTED: Final = """
    SELECT EXISTS (SELECT FROM report
                   WHERE reporter = $1 AND coalesce(comment_id, idea_id) = $2 AND settled_at IS NULL)
"""
_MOST: Final = 50


class Said(BaseModel):
    """One report on a thing."""

    id: UUID
    reason: ReportReason
    text: str
    reported_at: datetime


class Reported(BaseModel):
    """An idea, or a comment on it, and what people say is wrong with it; any of the reports settles all of them.

    `text` is empty of a comment that its author has removed meanwhile.
    """

    idea_id: UUID
    comment_id: UUID | None
    title: str
    language: Language
    text: str
    reports: tuple[Said, ...]


class Settled(BaseModel):
    """What a manager did about a report."""

    idea_id: UUID
    comment_id: UUID | None
    title: str
    language: Language
    reason: ReportReason
    outcome: Outcome
    note: str
    settled_at: datetime


async def list_open(pool: Pool, actor: Actor) -> list[Reported]:
    """Return what is reported and waits for a manager, the oldest first."""
    rows = await pool.fetch(OPEN, sorted(actor.clusters), _MOST)
    return [Reported.model_validate(dict(row) | {"reports": json.loads(row["reports"])}) for row in rows]


async def list_settled(pool: Pool, actor: Actor) -> list[Settled]:
    """Return what was settled last."""
    rows = await pool.fetch(SETTLED, sorted(actor.clusters), _MOST)
    return [Settled.model_validate(dict(row)) for row in rows]


async def is_reported(pool: Pool, actor: Actor, idea_id: UUID, comment_id: UUID | None) -> bool:
    """Tell whether somebody's own report on a thing waits for a manager."""
    found: bool = await pool.fetchval(REPORTED, actor.actor, comment_id or idea_id)
    return found


async def require_reportable(connection: Connection, actor: Actor, idea_id: UUID, comment_id: UUID | None) -> None:
    """Let somebody report what they see; it is not erased until the transaction ends.

    Raises:
        NotFound: there is no such thing for the caller.
        Refused: the comment is not shown any more.
    """
    await ideas.standing(connection, actor, idea_id)
    await ideas.keep(connection, idea_id)
    if comment_id is None:
        return
    await connection.execute(KEEP, comment_id)
    if (await comments.get(connection, actor, idea_id, comment_id)).state != "shown":
        raise Refused("not-shown", "This comment is not shown any more.")


async def require_open(connection: Connection, actor: Actor, report_id: UUID) -> tuple[UUID, UUID | None]:
    """Return the idea, and the comment on it, that a report is about; nobody else settles it meanwhile.

    Raises:
        NotFound: there is no such report, or it concerns other clusters.
        Refused: it is settled.
    """
    row: Any = await connection.fetchrow(ONE, sorted(actor.clusters), report_id)
    if row is None:
        raise NotFound("report")
    if row["settled_at"]:
        raise Refused("settled-already", "Somebody has settled this already.")
    return row["idea_id"], row["comment_id"]
