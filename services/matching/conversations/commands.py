"""What can be done in a conversation: one short function each, one transaction each.

Each locks the match first: many who write at once queue for it, instead of failing each other's versions.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID, uuid4

from services.matching.conversations import queries
from services.matching.conversations.decisions import DECIDER
from services.matching.conversations.domain import (
    Between,
    Close,
    Command,
    Conversation,
    EraseSide,
    MessageContent,
    MessageWritten,
    Read,
    Reopen,
    ReportMessage,
    ReportSettled,
    Settlement,
    SettleReport,
    SideErased,
    State,
    TakeReportBack,
    Write,
)
from services.matching.conversations.projection import project, publish
from services.matching.matches.queries import lock
from shared.runtime.commands import Aggregate, Answer, Commands, Request, Unit
from shared.runtime.decider import DomainEvent
from shared.runtime.erasure import forget_records, mask_stream
from shared.runtime.http import Desk
from shared.runtime.publication import Cause

CONVERSATION: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)


async def write(desk: Desk, match_id: UUID, organisation_id: UUID | None, what: MessageContent) -> Answer:
    """Write to the other side, for an organisation that one acts for."""
    own, between = await queries.require_agreed(desk.pool, desk.actor, match_id, organisation_id)
    on_behalf, message_id = own not in desk.actor.organisations, uuid4()

    async def work(unit: Unit) -> Answer:
        await lock(unit.connection, match_id)
        await queries.keep(unit.connection, between)
        command = Write(between, own, message_id, what, on_behalf, unit.at)
        change = await unit.decide(CONVERSATION, queries.conversation_id(match_id), command)
        return Answer(201, message_id, change.version)

    return await desk.commands.run(desk.request, work)


async def read(desk: Desk, match_id: UUID, organisation_id: UUID | None) -> Answer:
    """Note that a side has read what the other wrote. A manager who looks in reads for nobody."""
    own, _ = await queries.require_agreed(desk.pool, desk.actor, match_id, organisation_id)
    if own not in desk.actor.organisations:
        return Answer(200, match_id, 0)
    return await _handle(desk, match_id, Read(own))


async def close(desk: Desk, match_id: UUID, organisation_id: UUID | None) -> Answer:
    """Let neither side write any more."""
    return await _as_side(desk, match_id, organisation_id, Close)


async def reopen(desk: Desk, match_id: UUID, organisation_id: UUID | None) -> Answer:
    """Take it back that one closed it; if the other side closed it too, it stays closed."""
    return await _as_side(desk, match_id, organisation_id, lambda _, own: Reopen(own))


async def report(desk: Desk, match_id: UUID, organisation_id: UUID | None, message_id: UUID) -> Answer:
    """Report a message to the managers of the clusters of one's own side."""
    return await _as_side(desk, match_id, organisation_id, lambda _, own: ReportMessage(own, message_id))


async def take_report_back(desk: Desk, match_id: UUID, organisation_id: UUID | None, message_id: UUID) -> Answer:
    """Take a report back that no manager has dealt with yet."""
    return await _as_side(desk, match_id, organisation_id, lambda _, own: TakeReportBack(own, message_id))


async def settle(desk: Desk, message_id: UUID, what: Settlement) -> Answer:
    """Note what was done about a reported message."""
    async with desk.pool.acquire() as connection:
        match_id = await queries.require_report(connection, desk.actor, message_id)
    return await _handle(desk, match_id, SettleReport(message_id, what))


async def erase_side(commands: Commands, match_id: UUID, organisation_id: UUID) -> None:
    """Forget what an erased side wrote; the other keeps its own messages."""
    stream = queries.conversation_id(match_id)

    async def work(unit: Unit) -> Answer:
        await lock(unit.connection, match_id)
        change = await unit.decide(CONVERSATION, stream, EraseSide(organisation_id))
        if change.events:
            [erased] = change.events
            assert isinstance(erased, SideErased)
            await mask_stream(unit.connection, DECIDER, stream, lambda event: _goes_with(event, erased.party))
            if isinstance(change.before, Conversation) and not change.before.erased:  # else the end is told already
                await forget_records(unit.connection, [stream])
        return Answer(200, match_id, change.version)

    await commands.run(Request(Cause("conversations", "system", match_id, match_id)), work)


def _goes_with(event: DomainEvent, party: UUID) -> bool:
    """Tell whether the texts of an event go with a side: its own messages, and notes, which may repeat them."""
    return isinstance(event, ReportSettled) or (isinstance(event, MessageWritten) and event.party == party)


async def _as_side(
    desk: Desk, match_id: UUID, organisation_id: UUID | None, command: Callable[[Between, UUID], Command]
) -> Answer:
    own, between = await queries.require_agreed(desk.pool, desk.actor, match_id, organisation_id)
    return await _handle(desk, match_id, command(between, own))


async def _handle(desk: Desk, match_id: UUID, command: Command) -> Answer:
    async def work(unit: Unit) -> Answer:
        await lock(unit.connection, match_id)
        change = await unit.decide(CONVERSATION, queries.conversation_id(match_id), command)
        return Answer(200, match_id, change.version)

    return await desk.commands.run(desk.request, work)
