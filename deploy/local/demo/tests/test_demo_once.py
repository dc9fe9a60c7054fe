import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from deploy.local.demo.content import read_community
from deploy.local.ports import HOST, free_port, is_free
from deploy.local.processes import PROJECT

COLD_SECONDS = 400  # on a busy machine; some 45 on an idle one
FIGURES = {
    *("organisations", "ideas", "matches_proposed", "matches_agreed"),
    *("gatherings", "registrations", "meeting_wishes", "survey_answers", "mails_sent"),
    *("seconds_install", "seconds_ready", "seconds_to_first_match", "seconds_total"),
}


@pytest.mark.kafka
@pytest.mark.postgres
def test_demo_once(tmp_path: Path) -> None:
    community = read_community()
    port = free_port()

    cold = _figures(_demo(tmp_path, PORT=str(port), ONCE="1", SECONDS_INSTALL="7"))
    assert set(cold) == FIGURES
    assert cold["organisations"] == len(community.organisations)
    assert cold["ideas"] == len(community.ideas)
    assert cold["matches_proposed"] >= 10
    assert 1 <= cold["matches_agreed"] <= cold["matches_proposed"]
    assert cold["gatherings"] == len(community.gatherings)
    assert cold["registrations"] == sum(len(one.attended_by) for one in community.gatherings)
    assert 1 <= cold["meeting_wishes"] <= len(community.gatherings) * cold["matches_agreed"]
    assert cold["survey_answers"] == sum(one.finished for survey in community.surveys for one in survey.answers)
    # Both sides of each proposal and each agreement, but a proposal that was answered first needs no mail any more.
    told = cold["mails_sent"] - sum(len(community.asked(survey)) for survey in community.surveys)
    assert 2 * cold["matches_agreed"] < told <= 2 * (cold["matches_proposed"] + cold["matches_agreed"])
    assert cold["seconds_install"] == 7
    assert 0 < cold["seconds_ready"] < cold["seconds_total"]
    assert _left_running(tmp_path) == []
    assert all(map(is_free, [port, *_ports(tmp_path)]))

    warm = _figures(_demo(tmp_path, PORT=str(port), ONCE="1"))
    counts = [name for name in FIGURES if not name.startswith("seconds_")]
    assert {name: warm[name] for name in counts} == {name: cold[name] for name in counts}
    assert warm["seconds_to_first_match"] == 0
    assert _left_running(tmp_path) == []


def test_a_port_in_use_is_named_at_once(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        ended = _demo(tmp_path, PORT=str(port), ONCE="1")
    assert ended.returncode == 2
    assert f"Port {port}" in ended.stderr
    assert "PORT=" in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
    assert _left_running(tmp_path) == []


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("")
    ended = _demo(place, PORT=str(free_port()), ONCE="1")
    assert ended.returncode == 1
    assert str(place) in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


def _demo(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    # Servers of the tests' own must not be used: this is about those that the demo starts.
    inherited = {k: v for k, v in os.environ.items() if k not in {"POSTGRES_DSN", "KAFKA_BOOTSTRAP", "RESET"}}
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", "demo"],
        cwd=PROJECT,
        env={**inherited, **environment, "LOCAL_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=COLD_SECONDS,
        check=False,
    )


def _figures(ended: "subprocess.CompletedProcess[str]") -> Mapping[str, float]:
    assert ended.returncode == 0, ended.stdout + ended.stderr
    figures: Mapping[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return figures


def _ports(folder: Path) -> Iterator[int]:
    for file in [*folder.glob("*/*port"), *folder.glob("ports/*")]:
        yield int(file.read_text())


def _left_running(folder: Path) -> list[str]:
    """Name the processes that were started for this folder: all of them inherited its name."""
    if sys.platform != "linux":
        return []
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue  # it has ended, or belongs to somebody else
        if f"LOCAL_DIR={folder}\0".encode() in environment:
            left.append(command.replace(b"\0", b" ").decode())
    return left
