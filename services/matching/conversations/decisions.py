"""What is decided about a conversation, and what follows from its events. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from services.matching.conversations.domain import (
    HOUR,
    MOST_AN_HOUR,
    Between,
    Close,
    Command,
    Conversation,
    ConversationClosed,
    ConversationOpened,
    ConversationReopened,
    EraseSide,
    Message,
    MessageReported,
    MessagesRead,
    MessageWritten,
    Read,
    Reopen,
    Report,
    ReportMessage,
    ReportSettled,
    ReportTakenBack,
    Settlement,
    SettleReport,
    SideErased,
    State,
    TakeReportBack,
    Unopened,
    Write,
)
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import NotFound, Refused


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about a conversation.

    Raises:
        NotFound: there is no such conversation, message or report, or the organisation is neither of its sides.
        Refused: it is closed, a side is gone, or the side wrote too much within an hour.
    """
    if isinstance(command, Write | Close) and isinstance(state, Unopened):
        opened = ConversationOpened(match_id=command.between.match_id, sides=command.between.sides)
        return [opened, *decide(command, evolve(state, opened))]
    if isinstance(state, Unopened):
        if isinstance(command, ReportMessage | TakeReportBack | SettleReport):
            raise NotFound("message")
        return []
    match command:
        case Write():
            return _write(command, state)
        case Read(organisation_id):
            party = state.party_of(organisation_id)
            return [MessagesRead(party=party)] if state.unread_by(party) else []
        case Close(organisation_id=organisation_id):
            party = state.party_of(organisation_id)
            read = decide(Read(organisation_id), state)
            return [] if party in state.closed_by else [*read, ConversationClosed(party=party)]
        case Reopen(organisation_id):
            party = state.party_of(organisation_id)
            return [ConversationReopened(party=party)] if party in state.closed_by else []
        case ReportMessage() | TakeReportBack():
            return _report(command, state)
        case SettleReport(message_id, settlement):
            return _settle(message_id, settlement, state)
        case EraseSide(organisation_id):
            party = state.party_of(organisation_id)
            return [] if party in state.erased else [SideErased(party=party)]


def _write(command: Write, state: Conversation) -> list[DomainEvent]:
    party = state.party_of(command.organisation_id)
    if state.erased:
        raise Refused("side-erased", "The other side is no longer here.")
    if state.closed_by:
        raise Refused("conversation-closed", "This conversation is closed.")
    times = [message.at for message in state.messages.values() if message.party == party]
    if sum(at > command.at - HOUR for at in times) >= MOST_AN_HOUR:
        raise Refused(
            "too-many-messages",
            "Your side has written %(most)s messages within an hour. Wait a while, then write again.",
            most=MOST_AN_HOUR,
        )
    written = MessageWritten(
        message_id=command.message_id, party=party, content=command.content, on_behalf=command.on_behalf, at=command.at
    )
    # Who answers has read.
    return [*decide(Read(command.organisation_id), state), written]


def _report(command: ReportMessage | TakeReportBack, state: Conversation) -> list[DomainEvent]:
    message, party = state.messages.get(command.message_id), state.party_of(command.organisation_id)
    if message is None or message.party in state.erased:
        raise NotFound("message")
    if message.party == party:
        raise Refused("own-message", "Your own side wrote this message.")
    if message.report == "settled":
        raise Refused("settled-already", "A manager has dealt with this message already.")
    if isinstance(command, TakeReportBack):
        return [ReportTakenBack(message_id=command.message_id)] if message.report else []
    return [] if message.report else [MessageReported(message_id=command.message_id)]


def _settle(message_id: UUID, settlement: Settlement, state: Conversation) -> list[DomainEvent]:
    message = state.messages.get(message_id)
    if message is None or message.report is None or message.party in state.erased:
        raise NotFound("report")
    if message.report == "settled":
        raise Refused("settled-already", "A manager has dealt with this message already.")
    return [ReportSettled(message_id=message_id, settlement=settlement)]


def evolve(state: State, event: DomainEvent) -> State:
    """Return the conversation after an event."""
    if isinstance(event, ConversationOpened):
        return Conversation(Between(event.match_id, event.sides))
    assert isinstance(state, Conversation)
    match event:
        case MessageWritten():
            return replace(state, messages={**state.messages, event.message_id: Message(event.party, event.at)})
        case MessagesRead(party=party):
            read = {key: replace(state.messages[key], unread=False) for key in state.unread_by(party)}
            return replace(state, messages={**state.messages, **read})
        case ConversationClosed(party=party):
            return replace(state, closed_by=state.closed_by | {party})
        case ConversationReopened(party=party):
            return replace(state, closed_by=state.closed_by - {party})
        case MessageReported(message_id=message_id):
            return _reported(state, message_id, "open")
        case ReportTakenBack(message_id=message_id):
            return _reported(state, message_id, None)
        case ReportSettled(message_id=message_id):
            return _reported(state, message_id, "settled")
        case SideErased(party=party):
            return replace(state, erased=state.erased | {party})
    return state


def _reported(state: Conversation, message_id: UUID, report: Report | None) -> Conversation:
    message = replace(state.messages[message_id], report=report)
    return replace(state, messages={**state.messages, message_id: message})


DECIDER: Final[Decider[Command, State]] = Decider(
    category="conversation",
    events=(
        ConversationOpened,
        MessageWritten,
        MessagesRead,
        ConversationClosed,
        ConversationReopened,
        MessageReported,
        ReportTakenBack,
        ReportSettled,
        SideErased,
    ),
    initial=Unopened(),
    decide=decide,
    evolve=evolve,
)
