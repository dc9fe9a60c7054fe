"""The first thing that a stranger does: make, on a machine where something is missing."""

import os
import shutil
import subprocess
from pathlib import Path

HOUSE = Path(__file__).parents[2]


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def checkout(folder: Path) -> Path:
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(HOUSE / name, folder)
    return folder


def test_make_alone_lists_the_targets(tmp_path: Path) -> None:
    listed = make(checkout(tmp_path))
    assert listed.returncode == 0
    for target in ("demo", "test", "check", "bench", "contracts"):
        assert f"make {target} " in listed.stdout
    assert not (tmp_path / ".venv").exists()


def test_without_a_network_it_says_so_and_takes_nothing_half_made_for_complete(tmp_path: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_FIND_LINKS": "", "PIP_RETRIES": "0"}
    refused = make(checkout(tmp_path), "install", PIP_NO_CACHE_DIR="1", PIP_EXTRA_INDEX_URL="", **nowhere)
    assert refused.returncode != 0
    assert "the package index does not answer" in refused.stderr
    assert "Check the network" in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    assert not (tmp_path / ".venv" / "installed").exists()
