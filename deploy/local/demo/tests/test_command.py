import errno
from pathlib import Path

import pytest

from deploy.local.demo.command import message
from deploy.local.errors import StackError


def test_what_the_stack_says_is_passed_on(tmp_path: Path) -> None:
    assert (
        message(StackError("Port 8080 is in use.\nChoose another."), tmp_path)
        == "Port 8080 is in use.\nChoose another."
    )


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), StackError("kafka ended\n  java: No space left on device")],
)
def test_a_full_disk_is_named_by_whoever_meets_it(tmp_path: Path, error: Exception) -> None:
    said = message(error, tmp_path / "not" / "made" / "yet")
    assert "The disk under" in said
    assert "LOCAL_DIR" in said
    assert len(said.splitlines()) == 2


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    said = message(PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "run")), tmp_path)
    assert str(tmp_path / "run") in said


def test_what_nobody_foresaw_is_one_sentence_and_a_file(tmp_path: Path) -> None:
    said = message(KeyError("sides"), tmp_path)
    assert "KeyError: 'sides'" in said
    assert "Traceback" not in said
    assert "KeyError" in (tmp_path / "logs" / "demo.log").read_text()
