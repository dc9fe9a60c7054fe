"""Ideas: what people look for or want to try, open to all, to their clusters, or without a name."""

from typing import ClassVar, Final, Literal
from uuid import UUID

from pydantic import Field, model_validator

from shared.contracts.envelope import Erased, PublicEvent, State
from shared.contracts.organisations import Cluster, Language, OrganisationKind
from shared.contracts.text import Line, Text

TOPIC: Final = "profiles.ideas.v1"
OWNERS_TOPIC: Final = "profiles.idea-owners.v1"

Visibility = Literal["public", "clusters", "anonymous"]
"""`anonymous`: the text is shown, the organisation behind it only after both sides of a match agreed."""

Stage = Literal["posted", "discussed", "taken_up", "done", "closed"]
"""`posted` and `discussed` are open; `taken_up` and `done` found whom they sought; `closed` is off the board."""

OPEN_STAGES: Final = ("posted", "discussed")
"""Whoever is in one of these may be proposed to others."""

CloseReason = Literal["done", "taken_up", "no_longer_needed", "other", "merged", "hidden"]
"""`merged`: another idea says the same and goes on; `hidden`: a manager hides it for now. Both can be undone."""


class Idea(State):
    """The complete public state of an idea. An anonymous one names no owner and no cluster."""

    idea_id: UUID
    title: Line
    text: Text
    text_version: int = Field(ge=1)
    language: Language
    tags: tuple[Line, ...] = Field(default=(), max_length=20)
    wanted_partners: tuple[OrganisationKind, ...] = ()
    visibility: Visibility
    clusters: tuple[Cluster, ...] = ()
    organisation_id: UUID | None = None
    stage: Stage = "posted"
    close_reason: CloseReason | None = None

    @model_validator(mode="after")
    def _keeps_its_owner_to_itself(self) -> "Idea":
        if self.visibility == "anonymous" and (self.organisation_id or self.clusters):
            raise ValueError("an anonymous idea names no owner and no cluster")
        return self


class IdeaErasedState(Erased):
    """What remains of an erased idea."""

    idea_id: UUID


class IdeaOwner(State):
    """Which organisation is behind an idea; matching alone may read it."""

    idea_id: UUID
    organisation_id: UUID


class IdeaPosted(PublicEvent):
    """An idea was posted."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.idea-posted.v1"] = "innovationsmotor.idea-posted.v1"
    data: Idea


class IdeaUpdated(PublicEvent):
    """An idea was revised, moved to another stage, or opened again."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.idea-updated.v1"] = "innovationsmotor.idea-updated.v1"
    data: Idea


class IdeaClosed(PublicEvent):
    """An idea was closed, with a reason."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.idea-closed.v1"] = "innovationsmotor.idea-closed.v1"
    data: Idea


class IdeaErased(PublicEvent):
    """An idea was erased; the last record of its key."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.idea-erased.v1"] = "innovationsmotor.idea-erased.v1"
    data: IdeaErasedState


class IdeaOwnerSet(PublicEvent):
    """An idea has this owner; published for every idea, so that a reader knows when it has both."""

    topic: ClassVar[str] = OWNERS_TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.idea-owner-set.v1"] = "innovationsmotor.idea-owner-set.v1"
    data: IdeaOwner


class IdeaOwnerErased(PublicEvent):
    """The owner of an idea was erased; the last record of its key."""

    topic: ClassVar[str] = OWNERS_TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.idea-owner-erased.v1"] = "innovationsmotor.idea-owner-erased.v1"
    data: IdeaErasedState


EVENTS: Final = (IdeaPosted, IdeaUpdated, IdeaClosed, IdeaErased)
OWNER_EVENTS: Final = (IdeaOwnerSet, IdeaOwnerErased)
