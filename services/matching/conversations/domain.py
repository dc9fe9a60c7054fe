"""The conversation of the two sides of a match, from the moment that both have said yes.

What a side wrote is its own: erasing it masks its messages and leaves those of the other. Who closed a conversation is
told to nobody but the side that did, and that a message was reported not to the side that wrote it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, StringConstraints

from shared.contracts.envelope import Content, Value
from shared.contracts.text import Personal, printable
from shared.runtime.decider import DomainEvent
from shared.runtime.refusals import NotFound

MOST_AN_HOUR: Final = 30
"""So many messages one side may write within an hour."""

HOUR: Final = timedelta(hours=1)

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000),
    AfterValidator(printable),
    Personal,
]
"""What somebody writes to the other side."""

Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000),
    AfterValidator(printable),
    Personal,
]
"""What a manager notes about a reported message."""

Report = Literal["open", "settled"]


class MessageContent(Content):
    """What a message says."""

    text: Words


class Settlement(Content):
    """What a manager did about a reported message."""

    note: Note


class Side(Value):
    """One side: a party of the match, and the organisation that it is."""

    party: UUID
    organisation_id: UUID


@dataclass(frozen=True)
class Between:
    """The match that a conversation belongs to, and its two sides."""

    match_id: UUID
    sides: tuple[Side, Side]


# Commands; `organisation_id` is the side that does it.


@dataclass(frozen=True)
class Write:
    """Write to the other side; `on_behalf` says that a manager does so for the organisation."""

    between: Between
    organisation_id: UUID
    message_id: UUID
    content: MessageContent
    on_behalf: bool
    at: AwareDatetime


@dataclass(frozen=True)
class Read:
    """Read what the other side wrote."""

    organisation_id: UUID


@dataclass(frozen=True)
class Close:
    """Let neither side write any more."""

    between: Between
    organisation_id: UUID


@dataclass(frozen=True)
class Reopen:
    """Take it back that one closed it."""

    organisation_id: UUID


@dataclass(frozen=True)
class ReportMessage:
    """Tell the managers of one's own clusters of a message that should not have been written."""

    organisation_id: UUID
    message_id: UUID


@dataclass(frozen=True)
class TakeReportBack:
    """Say that there was nothing to report."""

    organisation_id: UUID
    message_id: UUID


@dataclass(frozen=True)
class SettleReport:
    """Note, as a manager, what was done about a reported message."""

    message_id: UUID
    settlement: Settlement


@dataclass(frozen=True)
class EraseSide:
    """A side was erased: forget what it wrote. The other keeps its own messages."""

    organisation_id: UUID


Command: TypeAlias = Write | Read | Close | Reopen | ReportMessage | TakeReportBack | SettleReport | EraseSide


# Events


class ConversationOpened(DomainEvent):
    """A side wrote first, or closed it before anybody wrote."""

    stored_as: ClassVar[str] = "conversation-opened.v1"

    match_id: UUID
    sides: tuple[Side, Side]


class MessageWritten(DomainEvent):
    """A side wrote to the other."""

    stored_as: ClassVar[str] = "message-written.v1"

    message_id: UUID
    party: UUID
    content: MessageContent
    on_behalf: bool
    at: AwareDatetime


class MessagesRead(DomainEvent):
    """A side has read all that the other wrote so far."""

    stored_as: ClassVar[str] = "messages-read.v1"

    party: UUID


class ConversationClosed(DomainEvent):
    """A side wants no messages."""

    stored_as: ClassVar[str] = "conversation-closed.v1"

    party: UUID


class ConversationReopened(DomainEvent):
    """A side that wanted no messages takes them again."""

    stored_as: ClassVar[str] = "conversation-reopened.v1"

    party: UUID


class MessageReported(DomainEvent):
    """The side that received a message reported it."""

    stored_as: ClassVar[str] = "message-reported.v1"

    message_id: UUID


class ReportTakenBack(DomainEvent):
    """The side that reported a message has nothing against it any more."""

    stored_as: ClassVar[str] = "message-report-taken-back.v1"

    message_id: UUID


class ReportSettled(DomainEvent):
    """A manager dealt with a reported message."""

    stored_as: ClassVar[str] = "message-report-settled.v1"

    message_id: UUID
    settlement: Settlement


class SideErased(DomainEvent):
    """A side is gone, and what it wrote is masked in all events before this one."""

    stored_as: ClassVar[str] = "conversation-side-erased.v1"

    party: UUID


# State


@dataclass(frozen=True)
class Unopened:
    """Nobody has written yet."""


@dataclass(frozen=True)
class Message:
    """What is decided by of a message: not what it says."""

    party: UUID
    at: AwareDatetime
    unread: bool = True
    report: Report | None = None


@dataclass(frozen=True)
class Conversation:
    """A conversation: its messages in their order, and which parties closed it and are erased."""

    between: Between
    messages: Mapping[UUID, Message] = field(default_factory=dict)
    closed_by: frozenset[UUID] = frozenset()
    erased: frozenset[UUID] = frozenset()

    def party_of(self, organisation_id: UUID) -> UUID:
        """Return the party that an organisation is.

        Raises:
            NotFound: it is neither.
        """
        for side in self.between.sides:
            if side.organisation_id == organisation_id:
                return side.party
        raise NotFound("conversation")

    def organisation_of(self, party: UUID) -> UUID:
        """Return the organisation that a party is."""
        return next(side.organisation_id for side in self.between.sides if side.party == party)

    def unread_by(self, party: UUID) -> list[UUID]:
        """Return the messages that a party has not read, in their order."""
        return [key for key, message in self.messages.items() if message.unread and message.party != party]


State: TypeAlias = Unopened | Conversation
