"""What the files of `community/` hold, as the very models that the API checks with."""

from dataclasses import dataclass
from datetime import time
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.profiles.comments.domain import CommentContent
from services.profiles.contacts.domain import ContactContent
from services.profiles.ideas.domain import ClosingReason, IdeaContent, Reached
from services.profiles.organisations.domain import Description, EntryContent, FlowContent
from services.profiles.surveys.domain import QuestionContent, SurveyContent
from shared.contracts.gatherings import Capacity, GatheringKind
from shared.contracts.organisations import Cluster, Purpose
from shared.contracts.text import Line, Text

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
"""Names something in the files, for ever: what is sent to the API is recognised by it at the next start."""


class SeedEntry(EntryContent):
    """A need or an offer."""

    key: Key


class SeedFlow(FlowContent):
    """A substance that goes in or out."""

    key: Key


class SeedContact(ContactContent):
    """The person to reach."""


class SeedOrganisation(Description):
    """An organisation with all that it states."""

    key: Key
    consents: dict[Cluster, tuple[Purpose, ...]]
    needs: tuple[SeedEntry, ...] = ()
    offers: tuple[SeedEntry, ...] = ()
    flows: tuple[SeedFlow, ...] = ()
    contact: SeedContact

    @property
    def actor(self) -> str:
        """The account of its contact."""
        return f"member-{self.key}"


class SeedIdea(IdeaContent):
    """An idea and who has it; its owner may say how far it came, or close it."""

    key: Key
    organisation: Key
    stage: Reached | None = None
    closed: ClosingReason | None = None


class SeedComment(CommentContent):
    """A comment and who makes it."""

    by: Key


class SeedResponse(BaseModel):
    """What others say to an idea: comments in their order, who would join, and whose contact follows it."""

    model_config = ConfigDict(extra="forbid")

    idea: Key
    joined_by: tuple[Key, ...] = ()
    followed_by: tuple[Key, ...] = ()
    comments: tuple[SeedComment, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Everybody who responds."""
        return (*self.joined_by, *self.followed_by, *(comment.by for comment in self.comments))


class SeedQuestion(QuestionContent):
    """A question of a survey."""

    key: Key


class SeedAnswers(BaseModel):
    """What somebody says by a personal link; unfinished answers were saved to go on later.

    `need_from` is the question whose answer a manager makes a need of.
    """

    model_config = ConfigDict(extra="forbid")

    by: Key
    says: dict[Key, int | str | tuple[str, ...]]
    finished: bool = True
    need_from: Key | None = None


class SeedSurvey(SurveyContent):
    """A survey of the members of a cluster; one that is not opened is a draft."""

    key: Key
    opened: bool
    questions: tuple[SeedQuestion, ...]
    answers: tuple[SeedAnswers, ...] = ()

    def question(self, key: str) -> SeedQuestion:
        """Return the question with this key."""
        return next(one for one in self.questions if one.key == key)


class SeedGathering(BaseModel):
    """A gathering some days after the first start, and who registers in which order."""

    model_config = ConfigDict(extra="forbid")

    key: Key
    kind: GatheringKind
    title: Line
    text: Text
    in_days: int = Field(ge=1, le=365)
    starts: time
    ends: time
    place: Line
    capacity: Capacity
    clusters: tuple[Cluster, ...]
    attended_by: tuple[Key, ...]


@dataclass(frozen=True)
class Community:
    """Everybody, the ideas in the order in which they are posted, what is said to them, surveys and gatherings."""

    organisations: tuple[SeedOrganisation, ...]
    ideas: tuple[SeedIdea, ...]
    responses: tuple[SeedResponse, ...] = ()
    surveys: tuple[SeedSurvey, ...] = ()
    gatherings: tuple[SeedGathering, ...] = ()

    def organisation(self, key: str) -> SeedOrganisation:
        """Return the organisation with this key."""
        return next(one for one in self.organisations if one.key == key)

    def asked(self, survey: SeedSurvey) -> tuple[str, ...]:
        """Return the keys of those who get a link."""
        return tuple(one.key for one in self.organisations if survey.opened and survey.cluster in one.clusters)
