"""The community as it is written in `community/`, checked with the very models that the API checks with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from services.profiles.contacts.domain import ContactContent
from services.profiles.ideas.domain import IdeaContent
from services.profiles.organisations.domain import Description, EntryContent
from shared.contracts.gatherings import Capacity, GatheringKind
from shared.contracts.organisations import Cluster, Purpose
from shared.contracts.text import Line, Text

FOLDER: Final = Path(__file__).with_name("community")
IDEAS: Final = "ideas.yaml"
GATHERINGS: Final = "gatherings.yaml"

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
"""Names something in the files, for ever: what is sent to the API is recognised by it at the next start."""


class SeedEntry(EntryContent):
    """A need or an offer. As everywhere here, a misspelt field is an error: its text would silently be missing."""

    model_config = ConfigDict(extra="forbid")

    key: Key


class SeedContact(ContactContent):
    """The person to reach."""

    model_config = ConfigDict(extra="forbid")


class SeedOrganisation(Description):
    """An organisation with all that it states."""

    model_config = ConfigDict(extra="forbid")

    key: Key
    consents: dict[Cluster, tuple[Purpose, ...]]
    needs: tuple[SeedEntry, ...] = ()
    offers: tuple[SeedEntry, ...] = ()
    contact: SeedContact

    @property
    def actor(self) -> str:
        """The account of its contact."""
        return f"member-{self.key}"


class SeedIdea(IdeaContent):
    """An idea and who has it."""

    model_config = ConfigDict(extra="forbid")

    key: Key
    organisation: Key


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
    attended_by: Literal["everyone"] | tuple[Key, ...]


@dataclass(frozen=True)
class Community:
    """Everybody, the ideas in the order in which they are posted, and the gatherings."""

    organisations: tuple[SeedOrganisation, ...]
    ideas: tuple[SeedIdea, ...]
    gatherings: tuple[SeedGathering, ...] = ()

    def organisation(self, key: str) -> SeedOrganisation:
        """Return the organisation with this key."""
        return next(one for one in self.organisations if one.key == key)

    def attending(self, gathering: SeedGathering) -> tuple[str, ...]:
        """Return the keys of those who register, in their order."""
        if gathering.attended_by == "everyone":
            return tuple(one.key for one in self.organisations)
        return gathering.attended_by


def read_community(folder: Path = FOLDER) -> Community:
    """Read all files: ideas and gatherings from theirs, organisations from every other one.

    Raises:
        pydantic.ValidationError: something is not as the API wants it.
        ValueError: a key is used twice or names nobody.
    """
    files = sorted(folder.glob("*.yaml"))
    organisations = tuple(
        organisation
        for file in files
        if file.name not in {IDEAS, GATHERINGS}
        for organisation in TypeAdapter(list[SeedOrganisation]).validate_python(_load(file))
    )
    ideas = tuple(TypeAdapter(list[SeedIdea]).validate_python(_load(folder / IDEAS)))
    gatherings = tuple(TypeAdapter(list[SeedGathering]).validate_python(_load(folder / GATHERINGS)))
    community = Community(organisations, ideas, gatherings)
    _check(community)
    return community


def body_of(seed: BaseModel, kind: type[BaseModel]) -> dict[str, Any]:
    """Return what the API is sent for a seed: the fields of its model there, as far as the file says them."""
    return seed.model_dump(mode="json", include=set(kind.model_fields), exclude_unset=True)


def _load(file: Path) -> Any:
    # The parser in C, where there is one, reads the files in a tenth of the time.
    return yaml.load(file.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def _check(community: Community) -> None:
    organisations, ideas = community.organisations, community.ideas
    known = {one.key for one in organisations}
    problems = [
        *(f"the key {key} names two organisations" for key in _twice(one.key for one in organisations)),
        *(f"the name {name} is used twice" for name in _twice(one.name for one in organisations)),
        *(f"the key {key} names two ideas" for key in _twice(idea.key for idea in ideas)),
        *(f"the idea {idea.key} belongs to {idea.organisation}" for idea in ideas if idea.organisation not in known),
        *(
            f"{key} shall come to {gathering.key}"
            for gathering in community.gatherings
            for key in community.attending(gathering)
            if key not in known
        ),
    ]
    for one in organisations:
        entries = _twice(entry.key for entry in (*one.needs, *one.offers))
        problems += [f"{one.key} has two entries {key}" for key in entries]
        problems += [f"{one.key} consents for {c} without being in it" for c in one.consents if c not in one.clusters]
    if problems:
        raise ValueError("The community does not add up: " + "; ".join(problems))


def _twice(keys: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            yield key
        seen.add(key)
