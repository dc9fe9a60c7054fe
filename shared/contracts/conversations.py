"""Conversations of matched sides: who has messages to read. Ids and counts only; what is said stays in matching."""

from typing import ClassVar, Final, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.envelope import Erased, PublicEvent, State, Value

TOPIC: Final = "matching.conversations.v1"


class Unread(Value):
    """How many messages a party of the match has not read, and the first of them; none once it has read all."""

    party: UUID
    messages: int = Field(ge=0)
    first: UUID | None = None


class Conversation(State):
    """The complete public state of a conversation."""

    conversation_id: UUID
    match_id: UUID
    unread: tuple[Unread, Unread]


class ConversationErasedState(Erased):
    """What remains of a conversation when one of its sides was erased."""

    conversation_id: UUID


class ConversationUpdated(PublicEvent):
    """A side wrote to the other, or has read what that one wrote."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.conversation-updated.v1"] = "innovationsmotor.conversation-updated.v1"
    data: Conversation


class ConversationErased(PublicEvent):
    """A side of a conversation was erased; the last record of its key."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/matching"] = "/matching"
    type: Literal["innovationsmotor.conversation-erased.v1"] = "innovationsmotor.conversation-erased.v1"
    data: ConversationErasedState


EVENTS: Final = (ConversationUpdated, ConversationErased)
