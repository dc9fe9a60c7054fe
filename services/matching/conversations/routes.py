"""The JSON API of conversations, and of the messages that were reported in them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.matching.conversations import commands, queries
from services.matching.conversations.domain import MessageContent, Settlement
from services.matching.conversations.queries import ConversationView, ReportList
from shared.runtime.access import Manager, Member
from shared.runtime.http import Database, ManagerDesk, MemberDesk, answered

router = APIRouter(prefix="/api", tags=["messages"])


class NewMessage(MessageContent):
    """A message; only who acts for both sides needs to name one."""

    organisation_id: UUID | None = None

    def content(self) -> MessageContent:
        """Return the message alone."""
        return MessageContent(text=self.text)


@router.get("/matches/{match_id}/messages")
async def list_messages(
    pool: Database,
    actor: Member,
    match_id: UUID,
    organisation_id: UUID | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ConversationView:
    """Show what the sides of an agreed match wrote to each other, newest first."""
    return await queries.conversation(pool, actor, match_id, organisation_id, after=after, limit=limit)


@router.post("/matches/{match_id}/messages", status_code=201)
async def write_message(desk: MemberDesk, match_id: UUID, what: NewMessage) -> Response:
    """Write to the other side; that a manager writes for an organisation is shown to both."""
    return answered(await commands.write(desk, match_id, what.organisation_id, what.content()))


@router.put("/matches/{match_id}/read")
async def read_messages(desk: MemberDesk, match_id: UUID, organisation_id: UUID | None = None) -> Response:
    """Say that your side has read all so far; the next message is told by mail again."""
    return answered(await commands.read(desk, match_id, organisation_id))


@router.put("/matches/{match_id}/block")
async def close_conversation(desk: MemberDesk, match_id: UUID, organisation_id: UUID | None = None) -> Response:
    """Let neither side write any more. The other side learns that it is closed, not who closed it."""
    return answered(await commands.close(desk, match_id, organisation_id))


@router.delete("/matches/{match_id}/block")
async def reopen_conversation(desk: MemberDesk, match_id: UUID, organisation_id: UUID | None = None) -> Response:
    """Take it back that you closed it."""
    return answered(await commands.reopen(desk, match_id, organisation_id))


@router.put("/matches/{match_id}/messages/{message_id}/report")
async def report_message(
    desk: MemberDesk, match_id: UUID, message_id: UUID, organisation_id: UUID | None = None
) -> Response:
    """Report a message to the managers of your clusters. The other side does not learn of it."""
    return answered(await commands.report(desk, match_id, organisation_id, message_id))


@router.delete("/matches/{match_id}/messages/{message_id}/report")
async def take_report_back(
    desk: MemberDesk, match_id: UUID, message_id: UUID, organisation_id: UUID | None = None
) -> Response:
    """Take a report back that no manager has dealt with yet."""
    return answered(await commands.take_report_back(desk, match_id, organisation_id, message_id))


@router.get("/cockpit/reports")
async def list_reports(
    pool: Database,
    actor: Manager,
    settled: bool = False,
    after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ReportList:
    """List the messages that sides of your clusters reported: those that wait, oldest first, or settled ones."""
    return await queries.reports(pool, actor, settled=settled, after=after, limit=limit)


@router.post("/cockpit/reports/{message_id}/settle")
async def settle_report(desk: ManagerDesk, message_id: UUID, what: Settlement) -> Response:
    """Note what you did about a reported message."""
    return answered(await commands.settle(desk, message_id, what))
