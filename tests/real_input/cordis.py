"""EU projects on water and environment, read from the data beside the project; see that folder's README.

Nothing of it is kept here: the texts belong to others.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

DATA = Path(os.environ.get("REAL_DATA", Path(__file__).parents[3] / "shared" / "data")) / "cordis_water"
WORDS = 250
IDEAS = 50


@dataclass(frozen=True)
class Project:
    """A project: what it is about, and which organisations took part."""

    id: str
    title: str
    text: str
    organisations: frozenset[str]


@dataclass(frozen=True)
class Split:
    """One half of the projects as what organisations offer, some of the other half as ideas from outside."""

    offers: dict[str, list[Project]]
    ideas: list[Project]
    names: dict[str, str]


def split(seed: int = 0) -> Split:
    """Return the split of a seed, by the protocol of the data's README; skip the test if the data is not there."""
    if not DATA.exists():
        pytest.skip(f"SKIPPED, NOT PASSED: the real data is missing at {DATA}; name its folder in REAL_DATA")
    projects = [_project(row) for row in _rows("projects.jsonl")]
    order = np.random.default_rng(seed).permutation(len(projects))
    half = len(projects) // 2
    offers: dict[str, list[Project]] = {}
    for index in order[:half]:
        for organisation in projects[index].organisations:
            offers.setdefault(organisation, []).append(projects[index])
    ideas = [projects[index] for index in order[half:] if projects[index].organisations & offers.keys()]
    return Split(offers, ideas[:IDEAS], {row["id"]: row["name"] for row in _rows("orgs.jsonl")})


def german_ideas() -> list[Project]:
    """Return the ideas in German, each written for one of the projects."""
    projects = {row["id"]: _project(row) for row in _rows("projects.jsonl")}
    return [
        Project(row["project"], row["idea_de"][:60], row["idea_de"], projects[row["project"]].organisations)
        for row in _rows("ideas_de.jsonl")
    ]


def _project(row: dict[str, Any]) -> Project:
    text = " ".join(row["objective"].split()[:WORDS])
    return Project(row["id"], " ".join(row["title"].split())[:200], text or row["title"], frozenset(row["orgs"]))


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text().splitlines()]
