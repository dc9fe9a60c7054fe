"""Invented organisations, the same in every run, as commands and as records of the topic."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from services.profiles.organisations.domain import Description
from shared.contracts.organisations import ProfileUpdated, ProfileUpdatedData
from shared.runtime.publication import Cause, Publication, SealedRecord, seal

_WORDS = [
    *("water", "membrane", "filter", "reactor", "catalyst", "sludge", "polymer", "sensor", "recycling", "solvent"),
    *("acid", "ozone", "pump", "carbon", "hydrogen", "coating", "enzyme", "biomass", "plastic", "heat"),
]
_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def new_id(random: Random) -> UUID:
    """Return a random id that is the same in every run."""
    return UUID(int=random.getrandbits(128), version=4)


def description(random: Random) -> dict[str, Any]:
    """Return what an organisation says about itself, as a request body of about 200 bytes."""
    words = random.sample(_WORDS, 10)
    return {
        "name": f"{words[0]} {words[1]} {random.randrange(10**6)}",
        "kind": "company",
        "size": "small",
        "region": "DE21",
        "summary": f"We make {' '.join(words[2:])}.",
        "clusters": ["chemistry"],
    }


def entry(random: Random) -> dict[str, Any]:
    """Return a need or an offer as a request body."""
    words = random.sample(_WORDS, 12)
    return {"kind": "technology", "title": " ".join(words[:3]), "text": " ".join(words), "language": "en"}


def records(count: int, organisations: int, seed: int = 1) -> Iterator[SealedRecord]:
    """Yield changes of organisations as they stand on the topic; each changes one of them at random."""
    random = Random(seed)
    ids = [new_id(random) for _ in range(organisations)]
    versions = dict.fromkeys(ids, 0)
    for _ in range(count):
        subject = random.choice(ids)
        versions[subject] += 1
        yield _record(subject, versions[subject], random)


def _record(subject: UUID, version: int, random: Random) -> SealedRecord:
    data = ProfileUpdatedData(
        epoch=1,
        version=version,
        organisation_id=subject,
        summary_version=version,
        changes=("summary",),
        **dict(Description.model_validate(description(random))),
    )
    cause = Cause("bench", "member", new_id(random), new_id(random))
    return seal(Publication(ProfileUpdated, subject, data), new_id(random), cause, _AT)
