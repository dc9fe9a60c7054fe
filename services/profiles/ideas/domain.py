"""An idea: what an organisation looks for or wants to try. Its owner posts, revises, moves and closes it.

A manager merges it into another that says the same, or hides it; both can be undone, and neither takes anything away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, TypeVar
from uuid import UUID

from pydantic import AfterValidator, Field

from shared.contracts.envelope import Content, Value
from shared.contracts.ideas import CloseReason, Visibility
from shared.contracts.organisations import Cluster, Language, OrganisationKind
from shared.contracts.text import Line, Text
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import NotFound, Refused

Reached = Literal["posted", "discussed", "taken_up", "done"]
"""How far an idea came, also while it is closed."""

ClosingReason = Literal["done", "taken_up", "no_longer_needed", "other"]
"""Why its owner closes an idea."""

HideReason = Literal["offensive", "advertising", "personal_data", "off_topic", "unlawful"]
"""Why a manager hides an idea or a comment."""

CodeT = TypeVar("CodeT", bound=str)


def _once(codes: tuple[CodeT, ...]) -> tuple[CodeT, ...]:
    return tuple(dict.fromkeys(codes))


class IdeaContent(Content):
    """What an idea says, and to whom."""

    title: Line
    text: Text
    language: Language = "de"
    tags: Annotated[tuple[Line, ...], Field(max_length=20), AfterValidator(_once)] = ()
    wanted_partners: Annotated[tuple[OrganisationKind, ...], AfterValidator(_once)] = ()
    visibility: Visibility = "public"


# Commands


@dataclass(frozen=True)
class PostIdea:
    """Post an idea for an organisation that belongs to `clusters`."""

    organisation_id: UUID
    clusters: tuple[Cluster, ...]
    content: IdeaContent


@dataclass(frozen=True)
class ReviseIdea:
    """Say it anew; `clusters` are those of its organisation today."""

    clusters: tuple[Cluster, ...]
    content: IdeaContent


@dataclass(frozen=True)
class CloseIdea:
    """Take it off the board, with the reason."""

    reason: ClosingReason


@dataclass(frozen=True)
class ReopenIdea:
    """Put a closed one back where it was."""


@dataclass(frozen=True)
class MoveIdea:
    """Say how far it came, forward or back."""

    stage: Reached


@dataclass(frozen=True)
class DiscussIdea:
    """Note that somebody else said something to it."""


@dataclass(frozen=True)
class MergeIdea:
    """Let it lead to another that says the same."""

    into: UUID


@dataclass(frozen=True)
class UnmergeIdea:
    """Let it stand by itself again."""


@dataclass(frozen=True)
class HideIdea:
    """Hide it from all but its owner's people and managers."""

    reason: HideReason


@dataclass(frozen=True)
class ShowIdea:
    """Show a hidden one again."""


@dataclass(frozen=True)
class EraseIdea:
    """Take it away for good; `shared/runtime/erasure.py` masks what it said."""


ByOwner: TypeAlias = ReviseIdea | CloseIdea | ReopenIdea | MoveIdea | DiscussIdea
ByManager: TypeAlias = MergeIdea | UnmergeIdea | HideIdea | ShowIdea
Command: TypeAlias = PostIdea | ByOwner | ByManager | EraseIdea


# Events


class IdeaPosted(DomainEvent):
    """An organisation posted an idea."""

    stored_as: ClassVar[str] = "idea-posted.v1"

    organisation_id: UUID
    clusters: tuple[Cluster, ...]
    content: IdeaContent


class IdeaRevised(DomainEvent):
    """What it says, to whom, or the clusters of its organisation changed."""

    stored_as: ClassVar[str] = "idea-revised.v1"

    clusters: tuple[Cluster, ...]
    content: IdeaContent


class IdeaClosed(DomainEvent):
    """It is off the board."""

    stored_as: ClassVar[str] = "idea-closed.v1"

    reason: CloseReason


class IdeaReopened(DomainEvent):
    """It is back on the board."""

    stored_as: ClassVar[str] = "idea-reopened.v1"


class IdeaMoved(DomainEvent):
    """It came further, or went back."""

    stored_as: ClassVar[str] = "idea-moved.v1"

    stage: Reached


class IdeaMerged(DomainEvent):
    """A manager let it lead to another one."""

    stored_as: ClassVar[str] = "idea-merged.v1"

    into: UUID


class IdeaUnmerged(DomainEvent):
    """It stands by itself again."""

    stored_as: ClassVar[str] = "idea-unmerged.v1"


class IdeaHidden(DomainEvent):
    """A manager hid it."""

    stored_as: ClassVar[str] = "idea-hidden.v1"

    reason: HideReason


class IdeaShown(DomainEvent):
    """A manager showed it again."""

    stored_as: ClassVar[str] = "idea-shown.v1"


class IdeaErased(DomainEvent):
    """It is gone, and the texts of all events before this one are masked."""

    stored_as: ClassVar[str] = "idea-erased.v1"


# State


@dataclass(frozen=True)
class Unknown:
    """Not posted yet."""


@dataclass(frozen=True)
class Erased:
    """Erased for good."""


class Idea(Value):
    """A posted idea: `text_version` grows with title or text.

    `close_reason` is None while its owner keeps it open, `merged_into` while it stands by itself, `hidden` the reason
    while a manager hides it.
    """

    organisation_id: UUID
    clusters: tuple[Cluster, ...]
    content: IdeaContent
    text_version: int = 1
    reached: Reached = "posted"
    close_reason: CloseReason | None = None
    merged_into: UUID | None = None
    hidden: HideReason | None = None


State: TypeAlias = Unknown | Idea | Erased


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about an idea.

    Raises:
        NotFound: it was never posted, or was erased.
        Refused: it was posted already, is closed, merged or hidden, or would hide an owner who is already known.
    """
    if isinstance(command, PostIdea):
        if isinstance(state, Idea):
            raise Refused("posted-already", "This idea is posted already.")
        posted = IdeaPosted(organisation_id=command.organisation_id, clusters=command.clusters, content=command.content)
        return [posted]
    if isinstance(state, Erased) and isinstance(command, EraseIdea):
        return []
    if not isinstance(state, Idea):
        raise NotFound("idea")
    if isinstance(command, EraseIdea):
        return [IdeaErased()]
    if isinstance(command, ByManager):
        return _by_manager(command, state)
    return _by_owner(command, state)


def _by_owner(command: ByOwner, state: Idea) -> list[DomainEvent]:
    _require_in_its_hands(state)
    match command:
        case CloseIdea(reason):
            return _close(reason, state)
        case ReopenIdea():
            return [IdeaReopened()] if state.close_reason else []
    if state.close_reason is not None:
        raise Refused("idea-closed", "This idea is closed. Open it again first.")
    match command:
        case ReviseIdea():
            return _revise(command, state)
        case MoveIdea(stage):
            return [IdeaMoved(stage=stage)] if stage != state.reached else []
        case DiscussIdea():
            return [IdeaMoved(stage="discussed")] if state.reached == "posted" else []


def _require_in_its_hands(state: Idea) -> None:
    if state.hidden:
        raise Refused("idea-hidden", "A manager hid this idea. Until it is shown again it can only be erased.")
    if state.merged_into:
        raise Refused("idea-merged", "This idea was merged into another one. A manager can undo that.")


def _close(reason: ClosingReason, state: Idea) -> list[DomainEvent]:
    if state.close_reason is None:
        return [IdeaClosed(reason=reason)]
    if state.close_reason != reason:
        known = (state.close_reason,)
        raise Refused("closed-already", "This idea is closed already, with the reason: %(reason)s.", reason=known)
    return []


def _by_manager(command: ByManager, state: Idea) -> list[DomainEvent]:
    match command:
        case MergeIdea(into):
            if state.hidden:
                raise Refused("idea-hidden", "This idea is hidden. Show it again first.")
            if state.merged_into not in {None, into}:
                raise Refused("merged-already", "This idea was merged into another one already. Undo that first.")
            return [IdeaMerged(into=into)] if state.merged_into is None else []
        case UnmergeIdea():
            return [IdeaUnmerged()] if state.merged_into else []
        case HideIdea(reason):
            return [IdeaHidden(reason=reason)] if reason != state.hidden else []
        case ShowIdea():
            return [IdeaShown()] if state.hidden else []


def _revise(command: ReviseIdea, state: Idea) -> list[DomainEvent]:
    hides, hidden = (content.visibility == "anonymous" for content in (command.content, state.content))
    if hides and not hidden:
        # The topic keeps the records that name the owner until it is compacted, and readers keep what they read.
        raise Refused(
            "owner-already-known",
            "Who posted this idea is known already. Close it and post it anew as anonymous.",
            field="visibility",
        )
    if (command.content, command.clusters) == (state.content, state.clusters):
        return []
    return [IdeaRevised(clusters=command.clusters, content=command.content)]


def evolve(state: State, event: DomainEvent) -> State:
    """Return the idea after an event."""
    if isinstance(event, IdeaPosted):
        return Idea(organisation_id=event.organisation_id, clusters=event.clusters, content=event.content)
    if isinstance(event, IdeaErased):
        return Erased()
    assert isinstance(state, Idea)
    return state.model_copy(update=_changed(state, event))


def _changed(state: Idea, event: DomainEvent) -> dict[str, object]:
    match event:
        case IdeaRevised(clusters=clusters, content=content):
            before = state.content
            changed = (content.title, content.text) != (before.title, before.text)
            return {"clusters": clusters, "content": content, "text_version": state.text_version + changed}
        case IdeaClosed(reason=reason):
            return {"close_reason": reason}
        case IdeaReopened():
            return {"close_reason": None}
        case IdeaMoved(stage=stage):
            return {"reached": stage}
        case IdeaMerged(into=into):
            return {"merged_into": into}
        case IdeaUnmerged():
            return {"merged_into": None}
        case IdeaHidden(reason=reason):
            return {"hidden": reason}
        case IdeaShown():
            return {"hidden": None}
    return {}


DECIDER: Final[Decider[Command, State]] = Decider(
    category="idea",
    events=(
        IdeaPosted,
        IdeaRevised,
        IdeaClosed,
        IdeaReopened,
        IdeaMoved,
        IdeaMerged,
        IdeaUnmerged,
        IdeaHidden,
        IdeaShown,
        IdeaErased,
    ),
    initial=Unknown(),
    decide=decide,
    evolve=evolve,
)
