"""The SELECTs behind conversations. A side sees what both wrote, and of closing and reporting what it did itself."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from pydantic import BaseModel

from services.matching.conversations.domain import Between, Report, Side
from services.matching.matches import queries as matches
from services.matching.matches.domain import AGREED, Match
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import NotFound, Refused

NAMES: Final = "SELECT id, doc ->> 'name' AS name FROM organisation WHERE id = ANY($1::uuid[]) AND NOT erased"
SIDES: Final = "SELECT organisation_id, closed, erased FROM conversation_side WHERE match_id = $1"
MESSAGES: Final = """
    SELECT id, organisation_id, number, on_behalf, written_at, text, unread, reported_at, settled_at FROM message
    WHERE match_id = $1 AND ($2::integer IS NULL OR number < $2) ORDER BY number DESC LIMIT $3
"""
NUMBER: Final = "SELECT number FROM message WHERE match_id = $1 AND id = $2"
# Shared: an erasure of a side waits for the commit of what it writes, and finds it then.
KEEP: Final = "SELECT erased FROM organisation WHERE id = ANY($1::uuid[]) ORDER BY id FOR SHARE"
# It is for the managers of the side that received it.
_REPORTS: Final = """
    FROM message JOIN match_side AS receiver
        ON receiver.match_id = message.match_id AND receiver.organisation_id <> message.organisation_id
    JOIN organisation AS reporter ON reporter.id = receiver.organisation_id AND reporter.clusters ?| $1::text[]
    LEFT JOIN organisation AS writer ON writer.id = message.organisation_id AND NOT writer.erased
    WHERE reported_at IS NOT NULL AND message.text IS NOT NULL
"""
REPORTS: Final = f"""
    SELECT message.id, message.match_id, message.text, message.written_at, message.on_behalf, reported_at, settled_at,
           message.note, message.organisation_id AS writer_id, writer.doc ->> 'name' AS writer_name,
           reporter.id AS reporter_id, reporter.doc ->> 'name' AS reporter_name
    {_REPORTS} AND (settled_at IS NOT NULL) = $2
    ORDER BY coalesce(settled_at, '-infinity') DESC, reported_at, message.id OFFSET $3 LIMIT $4
"""
OPEN_REPORTS: Final = f"SELECT count(*) {_REPORTS} AND settled_at IS NULL"
REPORTED_IN: Final = f"SELECT message.match_id {_REPORTS} AND message.id = $2"


class MessageView(BaseModel):
    """A message as a side sees it.

    `yours`: its own; `text` is missing of one whose side was erased; `unread`: it is new to this side. `report` is told
    to the side that reported.
    """

    id: UUID
    yours: bool
    on_behalf: bool
    written_at: datetime
    text: str | None
    unread: bool
    report: Report | None


class ConversationView(BaseModel):
    """A conversation as a side sees it: a page of messages, newest first; `next` is the `after` of the following one.

    `closed`: nobody can write; who closed it is told to the side that did, as `closed_by_you`.
    """

    match_id: UUID
    organisation_id: UUID
    organisation_name: str | None
    other_name: str | None
    closed: bool
    closed_by_you: bool
    items: list[MessageView]
    next: UUID | None


class Reported(BaseModel):
    """A reported message, who received and who wrote it; settled ones carry the note of a manager."""

    id: UUID
    match_id: UUID
    text: str
    on_behalf: bool
    written_at: datetime
    reported_at: datetime
    settled_at: datetime | None
    note: str | None
    reporter_id: UUID
    reporter_name: str
    writer_id: UUID
    writer_name: str | None


class ReportList(BaseModel):
    """Reported messages from behind the first `after`; `next` is the `after` of the following page."""

    items: list[Reported]
    next: int | None


def conversation_id(match_id: UUID) -> UUID:
    """Return the id of the one conversation of a match: another than the match's own, whose versions are counted."""
    return uuid5(match_id, "conversation")


async def require_agreed(
    pool: Pool, actor: Actor, match_id: UUID, organisation_id: UUID | None
) -> tuple[UUID, Between]:
    """Return the side that the caller acts for, and between whom the conversation is.

    Raises:
        NotFound: the caller acts for neither side.
        Invalid: the caller acts for both and does not say for which.
        Refused: the sides have not agreed.
    """
    own = await matches.own_side(pool, actor, match_id, organisation_id)
    match = Match.model_validate_json(await pool.fetchval(matches.DOC, match_id))
    if match.state not in AGREED:
        raise Refused("not-agreed", "You can write to each other once both sides have said yes.")
    first, second = (Side(party=one.party, organisation_id=one.organisation_id) for one in match.proposal.sides)
    return own, Between(match_id, (first, second))


async def keep(connection: Connection, between: Between) -> None:
    """Let neither side be erased until the transaction ends.

    Raises:
        Refused: one is erased.
    """
    rows = await connection.fetch(KEEP, [side.organisation_id for side in between.sides])
    if any(row["erased"] for row in rows):
        raise Refused("side-erased", "The other side is no longer here.")


async def conversation(
    pool: Pool, actor: Actor, match_id: UUID, organisation_id: UUID | None, *, after: UUID | None, limit: int
) -> ConversationView:
    """Return a conversation as the side sees it that the caller acts for.

    Raises:
        NotFound: the caller acts for neither side, or there is no message `after`.
        Refused: the sides have not agreed.
    """
    own, between = await require_agreed(pool, actor, match_id, organisation_id)
    async with pool.acquire() as connection:
        place = await connection.fetchval(NUMBER, match_id, after) if after else None
        if after and place is None:
            raise NotFound("message")
        rows = await connection.fetch(MESSAGES, match_id, place, limit + 1)
        sides = {row["organisation_id"]: row for row in await connection.fetch(SIDES, match_id)}
        ids = [side.organisation_id for side in between.sides]
        names = {row["id"]: row["name"] for row in await connection.fetch(NAMES, ids)}
    [other] = [one for one in ids if one != own]
    return ConversationView(
        match_id=match_id,
        organisation_id=own,
        organisation_name=names.get(own),
        other_name=names.get(other),
        closed=any(side["closed"] for side in sides.values()) or len(names) < len(ids),
        closed_by_you=own in sides and sides[own]["closed"],
        items=[_message(row, own) for row in rows[:limit]],
        next=rows[limit - 1]["id"] if len(rows) > limit else None,
    )


async def reports(pool: Pool, actor: Actor, *, settled: bool, after: int, limit: int) -> ReportList:
    """Return the messages that sides of a manager's clusters reported: the oldest that wait, or the last settled."""
    rows = await pool.fetch(REPORTS, sorted(actor.clusters), settled, after, limit + 1)
    more = after + limit if len(rows) > limit else None
    return ReportList(items=[Reported(**row) for row in rows[:limit]], next=more)


async def open_reports(pool: Pool, actor: Actor) -> int:
    """Return how many reported messages wait for a manager."""
    return int(await pool.fetchval(OPEN_REPORTS, sorted(actor.clusters)))


async def require_report(connection: Connection, actor: Actor, message_id: UUID) -> UUID:
    """Return the match in which a side of a manager's clusters reported a message.

    Raises:
        NotFound: there is no such report, or it concerns other clusters.
    """
    match_id: UUID | None = await connection.fetchval(REPORTED_IN, sorted(actor.clusters), message_id)
    if match_id is None:
        raise NotFound("report")
    return match_id


def _message(row: Any, own: UUID) -> MessageView:
    yours = row["organisation_id"] == own
    reported: Report | None = "settled" if row["settled_at"] else "open" if row["reported_at"] else None
    return MessageView(
        id=row["id"],
        yours=yours,
        on_behalf=row["on_behalf"],
        written_at=row["written_at"],
        text=row["text"],
        unread=row["unread"] and not yours,
        report=None if yours else reported,
    )
