"""From a conversation's change to its rows here, and to what the topic may know: who has how much to read."""

from collections.abc import Sequence
from typing import Final

from services.matching.conversations.domain import (
    Conversation,
    MessageReported,
    MessagesRead,
    MessageWritten,
    ReportSettled,
    ReportTakenBack,
    SideErased,
    State,
)
from shared.contracts import conversations as public
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.decider import DomainEvent
from shared.runtime.publication import Publication

SIDES: Final = """
    INSERT INTO conversation_side (match_id, organisation_id, closed, erased, unread)
    SELECT $1, * FROM unnest($2::uuid[], $3::bool[], $4::bool[], $5::int[])
    ON CONFLICT (organisation_id, match_id) DO UPDATE
        SET closed = excluded.closed, erased = excluded.erased, unread = excluded.unread
"""
WRITTEN: Final = """
    INSERT INTO message (id, match_id, organisation_id, number, on_behalf, written_at, text)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
READ: Final = "UPDATE message SET unread = false WHERE match_id = $1 AND organisation_id <> $2 AND unread"
REPORTED: Final = "UPDATE message SET reported_at = $2 WHERE id = $1"
SETTLED: Final = "UPDATE message SET settled_at = $2, note = $3 WHERE id = $1"
# A note may say again what was written, so it goes as well, whichever of the two sides was erased.
ERASED: Final = """
    UPDATE message SET text = CASE WHEN organisation_id <> $2 THEN text END, note = NULL WHERE match_id = $1
"""


async def project(connection: Connection, change: Change[State]) -> None:
    """Write the conversation's rows, in the transaction of the command."""
    conversation = change.state
    assert isinstance(conversation, Conversation)
    sides = conversation.between.sides
    await connection.execute(
        SIDES,
        conversation.between.match_id,
        [side.organisation_id for side in sides],
        [side.party in conversation.closed_by for side in sides],
        [side.party in conversation.erased for side in sides],
        [len(conversation.unread_by(side.party)) for side in sides],
    )
    for event in change.events:
        await _project(connection, event, conversation, change)


async def _project(
    connection: Connection, event: DomainEvent, conversation: Conversation, change: Change[State]
) -> None:
    match_id = conversation.between.match_id
    match event:
        case MessageWritten():
            writer, number = conversation.organisation_of(event.party), len(conversation.messages)
            told = (number, event.on_behalf, event.at, event.content.text)
            await connection.execute(WRITTEN, event.message_id, match_id, writer, *told)
        case MessagesRead(party=party):
            await connection.execute(READ, match_id, conversation.organisation_of(party))
        case MessageReported(message_id=message_id):
            await connection.execute(REPORTED, message_id, change.at)
        case ReportTakenBack(message_id=message_id):
            await connection.execute(REPORTED, message_id, None)
        case ReportSettled(message_id=message_id, settlement=settlement):
            await connection.execute(SETTLED, message_id, change.at, settlement.note)
        case SideErased(party=party):
            await connection.execute(ERASED, match_id, conversation.organisation_of(party))


def publish(change: Change[State]) -> Sequence[Publication]:
    """Tell how much each side has to read, when that changes; nothing more once a side was erased."""
    before, after = change.before, change.state
    assert isinstance(after, Conversation)
    if isinstance(before, Conversation) and before.erased:
        return ()
    if after.erased:
        erased = public.ConversationErasedState(
            epoch=change.epoch, version=change.public_version, conversation_id=change.id
        )
        return (Publication(public.ConversationErased, change.id, erased, private_cause=True),)
    unread = _unread(after)
    if unread is None or unread == _unread(before):
        return ()
    told = public.Conversation(
        epoch=change.epoch,
        version=change.public_version,
        conversation_id=change.id,
        match_id=after.between.match_id,
        unread=unread,
    )
    return (Publication(public.ConversationUpdated, change.id, told, private_cause=True),)


def _unread(state: State) -> tuple[public.Unread, public.Unread] | None:
    """Return what the sides have not read; None before anybody wrote."""
    if not isinstance(state, Conversation) or not state.messages:
        return None
    first, second = (
        public.Unread(party=side.party, messages=len(unread), first=next(iter(unread), None))
        for side in state.between.sides
        for unread in [state.unread_by(side.party)]
    )
    return first, second
