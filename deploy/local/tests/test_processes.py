import json
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from deploy.local import aot_cache, ports
from deploy.local.errors import StackError
from deploy.local.kafka import Kafka
from deploy.local.leftovers import claimed, note_child, started_at
from deploy.local.ports import free_port, is_free, remembered_port
from deploy.local.processes import Child
from deploy.local.tests.serving import serving, until


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own that is bound to nobody."""
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as process:
        yield process
        process.kill()


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


async def _never() -> bool:
    return False


def test_what_a_killed_run_left_is_ended_by_the_next(tmp_path: Path, stranger: subprocess.Popen[bytes]) -> None:
    note_child(tmp_path / "run" / "left.json", stranger.pid, signal.SIGTERM)
    with claimed(tmp_path):
        assert stranger.wait() == -signal.SIGTERM
    assert not list((tmp_path / "run").iterdir())


def test_a_process_that_has_the_number_of_a_former_child_is_left_alone(
    tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    record = tmp_path / "run" / "left.json"
    note_child(record, stranger.pid, signal.SIGTERM)
    record.write_text(json.dumps({**json.loads(record.read_text()), "started": "at another time"}))
    with claimed(tmp_path):
        assert stranger.poll() is None


def test_a_record_cut_short_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "left.json").write_text('{"pid": 1')
    with claimed(tmp_path):
        assert not list((tmp_path / "run").iterdir())


def test_a_folder_is_free_again_after_a_run(tmp_path: Path) -> None:
    for _ in range(2):
        with claimed(tmp_path), pytest.raises(StackError, match="already runs"), claimed(tmp_path):
            pass


async def test_a_child_that_ends_at_its_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    child = Child(tmp_path, "one", _python("print('why'); raise SystemExit(3)"))
    with pytest.raises(StackError, match=r"(?s)one ended at its start \(code 3\).*one\.log.*why"):
        await child.ready(_never, within=20)
    assert not list((tmp_path / "run").iterdir())


async def test_a_child_that_is_not_ready_in_time_is_an_error(tmp_path: Path) -> None:
    child = Child(tmp_path, "one", ["sleep", "60"])
    with pytest.raises(StackError, match="not ready after"):
        await child.ready(_never, within=0.1)
    await child.stop()
    assert started_at(child.pid) is None


async def test_a_child_that_does_not_listen_is_ended_by_force(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    child = Child(tmp_path, "deaf", _python(code))
    await until(lambda: "up" in child.log.read_text())
    await child.stop(grace=0.1)
    assert started_at(child.pid) is None


async def test_the_children_of_a_child_end_with_it(tmp_path: Path) -> None:
    code = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    child = Child(tmp_path, "parent", _python(code))
    await until(lambda: child.log.read_text().endswith("\n"))
    grandchild = int(child.log.read_text())
    await child.kill()
    await until(lambda: started_at(grandchild) is None)


async def test_a_paused_child_can_be_stopped(tmp_path: Path) -> None:
    child = Child(tmp_path, "paused", ["sleep", "60"])
    child.send(signal.SIGSTOP)
    await child.stop()
    assert started_at(child.pid) is None


async def test_a_port_is_remembered_while_it_is_free(tmp_path: Path) -> None:
    file = tmp_path / "port"
    port = remembered_port(file)
    assert remembered_port(file) == port

    async with serving(Starlette()) as address:
        taken = int(address.rpartition(":")[2])
        assert not is_free(taken)
        file.write_text(str(taken))
        assert remembered_port(file) != taken


def test_no_port_is_given_twice_though_nobody_has_bound_it_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_CHOICE", range(31_000, 31_010))
    given = [free_port() for _ in range(5)]
    assert len(set(given)) == len(given)


@pytest.mark.kafka
async def test_an_identifier_that_looks_like_an_option_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID("f8" + "0" * 30))  # its base64 begins with a hyphen
    broker = Kafka(tmp_path)
    await broker.start()
    await broker.stop()


@pytest.mark.kafka
async def test_a_broken_cache_never_keeps_the_broker_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.aot"
    broken.write_bytes(b"no cache" * 1000)
    # Java itself goes on without a cache that it cannot read; an option that it refuses stands for one that ends it.
    monkeypatch.setattr(aot_cache, "options_to_use", lambda: (f"-XX:AOTCache={broken}", "-XX:AOTMode=refused"))
    monkeypatch.setattr(aot_cache, "discard", broken.unlink)
    broker = Kafka(tmp_path)
    await broker.start()
    await broker.stop()
    assert not broken.exists()
