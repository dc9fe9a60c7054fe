"""A comment on an idea: written, revised and removed by its author, hidden and shown again by a manager.

A stream of its own, not part of the idea's: many write at once without waiting for each other, an idea with a thousand
comments loads as fast as one without, and erasing what one person wrote touches no other's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, StringConstraints

from services.profiles.ideas.domain import HideReason
from shared.contracts.envelope import Content, Value
from shared.contracts.text import Personal, printable
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import NotFound, Refused

Remark = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000),
    AfterValidator(printable),
    Personal,
]
"""What a person says about something."""


class CommentContent(Content):
    """What a comment says."""

    text: Remark


# Commands


@dataclass(frozen=True)
class WriteComment:
    """Comment on an idea for an organisation; `written_by` is the account."""

    idea_id: UUID
    organisation_id: UUID
    written_by: str
    content: CommentContent


@dataclass(frozen=True)
class ReviseComment:
    """Say it anew."""

    content: CommentContent


@dataclass(frozen=True)
class RemoveComment:
    """Take it back; that there was one stays to be seen."""


@dataclass(frozen=True)
class HideComment:
    """Hide it from all but its author and managers."""

    reason: HideReason


@dataclass(frozen=True)
class ShowComment:
    """Show a hidden one again."""


@dataclass(frozen=True)
class EraseComment:
    """Take it away for good; `shared/runtime/erasure.py` masks what it said."""


Command: TypeAlias = WriteComment | ReviseComment | RemoveComment | HideComment | ShowComment | EraseComment


# Events


class CommentWritten(DomainEvent):
    """Somebody commented on an idea."""

    stored_as: ClassVar[str] = "comment-written.v1"

    idea_id: UUID
    organisation_id: UUID
    written_by: str
    content: CommentContent


class CommentRevised(DomainEvent):
    """What it says changed."""

    stored_as: ClassVar[str] = "comment-revised.v1"

    content: CommentContent


class CommentRemoved(DomainEvent):
    """Its author took it back."""

    stored_as: ClassVar[str] = "comment-removed.v1"


class CommentHidden(DomainEvent):
    """A manager hid it."""

    stored_as: ClassVar[str] = "comment-hidden.v1"

    reason: HideReason


class CommentShown(DomainEvent):
    """A manager showed it again."""

    stored_as: ClassVar[str] = "comment-shown.v1"


class CommentErased(DomainEvent):
    """It is gone, and the texts of all events before this one are masked."""

    stored_as: ClassVar[str] = "comment-erased.v1"


# State


@dataclass(frozen=True)
class Unknown:
    """Not written yet."""


@dataclass(frozen=True)
class Erased:
    """Erased for good."""


class Comment(Value):
    """A comment; `content` is None once its author removed it, `hidden` the reason while a manager hides it."""

    idea_id: UUID
    organisation_id: UUID
    written_by: str
    content: CommentContent | None
    revised: bool = False
    hidden: HideReason | None = None


State: TypeAlias = Unknown | Comment | Erased


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about a comment.

    Raises:
        NotFound: it was never written, or was erased.
        Refused: it was written already, is removed, or is hidden and would be revised.
    """
    if isinstance(command, WriteComment):
        if isinstance(state, Comment):
            raise Refused("written-already", "This comment is written already.")
        return [CommentWritten(**vars(command))]
    if isinstance(state, Erased) and isinstance(command, EraseComment):
        return []
    if not isinstance(state, Comment):
        raise NotFound("comment")
    match command:
        case EraseComment():
            return [CommentErased()]
        case RemoveComment():
            return [CommentRemoved()] if state.content else []
        case ShowComment():
            return [CommentShown()] if state.hidden else []
    if state.content is None:
        raise Refused("comment-removed", "Its author removed this comment.")
    match command:
        case ReviseComment(content):
            if state.hidden:
                raise Refused("comment-hidden", "A manager hid this comment. It can be removed, but not revised.")
            return [CommentRevised(content=content)] if content != state.content else []
        case HideComment(reason):
            return [CommentHidden(reason=reason)] if reason != state.hidden else []


def evolve(state: State, event: DomainEvent) -> State:
    """Return the comment after an event."""
    if isinstance(event, CommentWritten):
        return Comment(**dict(event))
    if isinstance(event, CommentErased):
        return Erased()
    assert isinstance(state, Comment)
    match event:
        case CommentRevised(content=content):
            return state.model_copy(update={"content": content, "revised": True})
        case CommentRemoved():
            return state.model_copy(update={"content": None})
        case CommentHidden(reason=reason):
            return state.model_copy(update={"hidden": reason})
        case CommentShown():
            return state.model_copy(update={"hidden": None})
    return state


DECIDER: Final[Decider[Command, State]] = Decider(
    category="comment",
    events=(CommentWritten, CommentRevised, CommentRemoved, CommentHidden, CommentShown, CommentErased),
    initial=Unknown(),
    decide=decide,
    evolve=evolve,
)
