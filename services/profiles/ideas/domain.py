"""An idea: what an organisation looks for or wants to try, posted, revised and closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, Field

from shared.contracts.envelope import Content, Value
from shared.contracts.ideas import CloseReason, Visibility
from shared.contracts.organisations import Cluster, Language
from shared.contracts.text import Line, Text
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import NotFound, Refused


def _once(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


class IdeaContent(Content):
    """What an idea says, and to whom."""

    title: Line
    text: Text
    language: Language = "de"
    tags: Annotated[tuple[Line, ...], Field(max_length=20), AfterValidator(_once)] = ()
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

    reason: CloseReason


@dataclass(frozen=True)
class EraseIdea:
    """Take it away for good; `shared/runtime/erasure.py` masks what it said."""


Command: TypeAlias = PostIdea | ReviseIdea | CloseIdea | EraseIdea


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
    """A posted idea: `text_version` grows with title or text, `close_reason` is None while it is open."""

    organisation_id: UUID
    clusters: tuple[Cluster, ...]
    content: IdeaContent
    text_version: int = 1
    close_reason: CloseReason | None = None


State: TypeAlias = Unknown | Idea | Erased


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about an idea.

    Raises:
        NotFound: it was never posted, or was erased.
        Refused: it was posted already, is closed, or would hide an owner who is already known.
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
    match command:
        case ReviseIdea():
            return _revise(command, state)
        case CloseIdea(reason):
            if state.close_reason is None:
                return [IdeaClosed(reason=reason)]
            if state.close_reason != reason:
                known = (state.close_reason,)
                raise Refused(
                    "closed-already", "This idea is closed already, with the reason: %(reason)s.", reason=known
                )
            return []
        case EraseIdea():
            return [IdeaErased()]


def _revise(command: ReviseIdea, state: Idea) -> list[DomainEvent]:
    if state.close_reason is not None:
        raise Refused("idea-closed", "This idea is closed and can no longer be revised. Post a new one.")
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
    match event:
        case IdeaRevised(clusters=clusters, content=content):
            before = state.content
            changed = (content.title, content.text) != (before.title, before.text)
            version = state.text_version + changed
            return state.model_copy(update={"clusters": clusters, "content": content, "text_version": version})
        case IdeaClosed(reason=reason):
            return state.model_copy(update={"close_reason": reason})
    return state


DECIDER: Final[Decider[Command, State]] = Decider(
    category="idea",
    events=(IdeaPosted, IdeaRevised, IdeaClosed, IdeaErased),
    initial=Unknown(),
    decide=decide,
    evolve=evolve,
)
