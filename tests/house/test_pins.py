"""The pinned packages: one set, twice as long for those who work on it."""

import re
import tomllib
from pathlib import Path


def _pins(name: str) -> dict[str, str]:
    """Return the pins by package and marker; a package may have one per Python version."""
    text = Path(name).read_text(encoding="utf-8")
    found = re.findall(
        r"^([a-z0-9._-]+)(?:\[[a-z0-9,-]+\])?==([^\s;\\]+)(?: ; ([^\\]+?))?(?: \\)?$", text, re.MULTILINE
    )
    assert len(found) == len(re.findall(r"^\S+==", text, re.MULTILINE))
    return {f"{package} {marker}".strip(): version for package, version, marker in found}


def _normal(requirement: str) -> str:
    return re.split(r"[\[<>=!~ ;]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def test_whoever_develops_has_what_runs() -> None:
    """So `make` takes a development environment for one that runs."""
    assert _pins("requirements.txt").items() <= _pins("requirements-dev.txt").items()


def test_every_direct_dependency_is_pinned() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    pinned = {name.partition(" ")[0] for name in _pins("requirements.txt")}
    assert {_normal(one) for one in [*project["dependencies"], *extras["local"]]} <= pinned
    pinned_dev = {name.partition(" ")[0] for name in _pins("requirements-dev.txt")}
    assert {_normal(one) for one in extras["dev"]} <= pinned_dev


def test_every_pin_has_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        blocks = re.split(r"^(?=\S+==)", Path(name).read_text(), flags=re.MULTILINE)[1:]
        assert all("--hash=sha256:" in block for block in blocks)
