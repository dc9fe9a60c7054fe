"""The data and the split-half protocol, as the README of the data sets describes them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from services.matching.engine import Profile, Query

SEEDS = range(10)
IDEA_SETS = ("ideas_de", "ideas_de_b")
_WORDS = 250
_LESS = 150
_CLASS = 4


@dataclass(frozen=True, slots=True)
class Task:
    """Profiles, queries, and for each query the ids of the profiles that belong to it."""

    profiles: list[Profile]
    queries: list[Query]
    relevant: dict[str, set[str]]
    itself: str = ""
    """What is added to a query's id to name the profile that is the query itself, and not asked for."""


@dataclass(frozen=True, slots=True)
class Data:
    """Documents by project id, organisations, and the German ideas by set."""

    documents: Mapping[str, str]
    organisations: Sequence[Mapping[str, Any]]
    ideas: Mapping[str, Sequence[Mapping[str, str]]]
    folder: Path

    @classmethod
    def read(cls, folder: Path) -> "Data":
        """Read the sets from the folder that holds `cordis_water/`."""
        water = folder / "cordis_water"
        documents = {
            project["id"]: f"{project['title']}. {' '.join(project['objective'].split()[:_WORDS])}"
            for project in _lines(water / "projects.jsonl")
        }
        ideas = {name: list(_lines(water / f"{name}.jsonl")) for name in IDEA_SETS}
        return cls(documents, list(_lines(water / "orgs.jsonl")), ideas, folder)

    def halves(self, seed: int) -> tuple[list[str], list[str]]:
        """Return the project ids of the profiles' half and of the queries' half."""
        ids = list(self.documents)
        order = np.random.default_rng(seed).permutation(len(ids)).tolist()
        middle = len(ids) // 2
        return [ids[at] for at in order[:middle]], [ids[at] for at in order[middle:]]

    def split(self, seed: int) -> Task:
        """Ask the projects of one half for their organisations' projects in the other."""
        known, asked = self.halves(seed)
        return self._task(set(known), {project: (project, self.documents[project]) for project in asked})

    def german(self, name: str) -> Task:
        """Ask German ideas for the organisations of the project that they were written for."""
        ideas = {f"{name}-{at}": (idea["project"], idea["idea_de"]) for at, idea in enumerate(self.ideas[name])}
        return self._task(set(self.documents), ideas)

    def programmes(self) -> Task:
        """Ask short texts of funding programmes for their full texts."""
        rows = list(_lines(self.folder / "foerder_de" / "programmes.jsonl"))
        full = [Profile(row["id"], "", ((row["id"], " ".join(row["volltext"].split()[:_LESS])),)) for row in rows]
        return Task(full, [Query(row["id"], row["kurztext"]) for row in rows], {row["id"]: {row["id"]} for row in rows})

    def classes(self) -> Task:
        """Ask German notes of industry classes for the English ones, among all others of both languages."""
        rows = [row for row in _lines(self.folder / "nace_de_en" / "nace.jsonl") if row["level"] == _CLASS]
        rows = [row for row in rows if row["text_de"].strip() and row["text_en"].strip()]
        notes = [
            Profile(f"{row['code']} {of}", "", ((row["code"], row[f"text_{of}"]),))
            for row in rows
            for of in ("de", "en")
        ]
        relevant = {row["code"]: {f"{row['code']} en"} for row in rows}
        return Task(notes, [Query(row["code"], row["text_de"]) for row in rows], relevant, itself=" de")

    def _task(self, known: set[str], asked: Mapping[str, tuple[str, str]]) -> Task:
        profiles = []
        for organisation in self.organisations:
            # In the order of the documents, so that equal texts have the same order everywhere.
            texts = tuple((p, self.documents[p]) for p in organisation["projects"] if p in known)
            if texts:
                profiles.append(Profile(organisation["id"], organisation["name"], texts))
        members = {
            project: {o["id"] for o in self.organisations if project in o["projects"] and known & {*o["projects"]}}
            for project in {project for project, _ in asked.values()}
        }
        relevant = {query: members[project] for query, (project, _) in asked.items() if members[project]}
        return Task(profiles, [Query(query, asked[query][1]) for query in relevant], relevant)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())
