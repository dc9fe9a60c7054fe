"""The community as it is written in `community/`."""

from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter

from deploy.local.demo.adding_up import problems_of
from deploy.local.demo.seeds import (
    Community,
    SeedGathering,
    SeedIdea,
    SeedOrganisation,
    SeedResponse,
    SeedSurvey,
)

FOLDER: Final = Path(__file__).with_name("community")

SeedT = TypeVar("SeedT", bound=BaseModel)


def read_community(folder: Path = FOLDER) -> Community:
    """Read all files of a folder: each kind from its file, organisations from all in a folder of their own.

    Raises:
        pydantic.ValidationError: something is not as the API wants it.
        ValueError: a key is used twice or names nobody, or somebody does what the API would refuse.
    """
    files = sorted((folder / "organisations").glob("*.yaml"))
    community = Community(
        tuple(organisation for file in files for organisation in _load(file, SeedOrganisation)),
        _load(folder / "ideas.yaml", SeedIdea),
        _load(folder / "responses.yaml", SeedResponse),
        _load(folder / "surveys.yaml", SeedSurvey),
        _load(folder / "gatherings.yaml", SeedGathering),
    )
    if problems := list(problems_of(community)):
        raise ValueError("The community does not add up: " + "; ".join(problems))
    return community


def body_of(seed: BaseModel, kind: type[BaseModel]) -> dict[str, Any]:
    """Return what the API is sent for a seed: the fields of its model there, as far as the file says them."""
    return seed.model_dump(mode="json", include=set(kind.model_fields), exclude_unset=True)


def _load(file: Path, kind: type[SeedT]) -> tuple[SeedT, ...]:
    # The parser in C, where there is one, reads the files in a tenth of the time.
    read = yaml.load(file.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return tuple(TypeAdapter(list[kind]).validate_python(read))  # type: ignore[valid-type]
