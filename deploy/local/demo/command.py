"""`python -m deploy.local demo`: options from the command line or, as make passes them, from the environment."""

import asyncio
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer
from rich.console import Console

from deploy.local.demo.containers import Containers
from deploy.local.demo.run import Options, run, visit
from deploy.local.demo.showing import Screen
from deploy.local.errors import StackError
from deploy.local.processes import PROJECT
from deploy.local.stack import DATA, PORT, reset

_SECRETS = PROJECT / ".secrets"
_LEAST_BYTES = 16 * 1024 * 1024
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def demo(
    data: Annotated[Path, typer.Option(envvar="LOCAL_DIR", help="Folder of data, logs and secrets.")] = DATA,
    port: Annotated[int, typer.Option(envvar="PORT", help="Public port.")] = PORT,
    once: Annotated[bool, typer.Option("--once", envvar="ONCE", help="End by itself, with a line of figures.")] = False,
    begin_anew: Annotated[bool, typer.Option("--reset", envvar="RESET", help="Delete the data first.")] = False,
    seconds_install: Annotated[float, typer.Option(envvar="SECONDS_INSTALL", hidden=True)] = 0,
) -> None:
    """Run it all with a seeded community; Ctrl-C stops it and keeps the data."""
    options = Options(data, port, once, seconds_install, monotonic())
    screen = Screen(Console(highlight=False))

    def begin() -> Coroutine[Any, Any, str | None]:
        screen.title(f"It runs on this machine alone. Data: {_short(data)}")
        if begin_anew:
            reset(data)
        return run(options, screen)

    _tell(begin, screen, data)


def seed(
    folder: Annotated[Path, typer.Option(envvar="SECRETS_DIR", help="Secrets of the containers.")] = _SECRETS,
    port: Annotated[int, typer.Option(envvar="PORT", help="Their public port.")] = PORT,
    kafka_port: Annotated[int, typer.Option(envvar="KAFKA_PORT", help="Their port of Kafka.")] = 9094,
    postgres_port: Annotated[int, typer.Option(envvar="POSTGRES_PORT", help="Their port of Postgres.")] = 5433,
    once: Annotated[bool, typer.Option("--once", envvar="ONCE", help="End by itself, with a line of figures.")] = False,
) -> None:
    """Seed the community into the containers of `make up`, and show its proposals; Ctrl-C ends the show alone."""
    screen = Screen(Console(highlight=False))

    def begin() -> Coroutine[Any, Any, str | None]:
        screen.title(f"It runs in containers. Secrets: {_short(folder)}")
        return visit(Containers(folder, port, kafka_port, postgres_port), screen, once=once)

    _tell(begin, screen, DATA)


def _tell(begin: Callable[[], Coroutine[Any, Any, str | None]], screen: Screen, data: Path) -> None:
    """Run it to its end; whatever goes wrong, a person reads a sentence."""
    try:
        figures = asyncio.run(_until_told(begin(), screen))
    except Exception as error:  # noqa: BLE001 - a person shall read a sentence, whatever it is
        screen.quiet()
        sys.stderr.write(f"\n{message(error, data)}\n")
        raise typer.Exit(error.exit_code if isinstance(error, StackError) else 1) from None
    sys.stdout.write(f"{figures}\n" if figures else "Stopped.\n")


async def _until_told(work: Coroutine[Any, Any, str | None], screen: Screen) -> str | None:
    """Run until it ends by itself, or None when a signal says so; then what was started is stopped in good order."""
    task = asyncio.current_task()
    assert task is not None
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, _stop, task, screen)
    try:
        return await work
    except asyncio.CancelledError:
        return None


def _stop(task: "asyncio.Task[str | None]", screen: Screen) -> None:
    screen.quiet()
    screen.say("\nStopping …")
    for number in _SIGNALS:  # once is enough: a second Ctrl-C would leave things half stopped
        asyncio.get_running_loop().add_signal_handler(number, lambda: None)
    task.cancel()


def message(error: Exception, data: Path) -> str:
    """Say what went wrong, why, and what to do."""
    if _is_full(error, data):
        return (
            f"The disk under {_short(data)} is full. The demo needs some 500 MB there: make room and start again.\n"
            "RESET=1 deletes the demo's old data; LOCAL_DIR=/other/place puts it on another disk."
        )
    if isinstance(error, StackError):
        return str(error)
    if isinstance(error, OSError):
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return (
            f"The system under the demo failed: {what}\nGive yourself access there, or set LOCAL_DIR to another place."
        )
    return _unforeseen(error, data)


def _is_full(error: Exception, data: Path) -> bool:
    """Tell a full disk: by what failed, or because servers that fail on it do not always say so."""
    if "No space left on device" in str(error):
        return True
    while not data.exists():
        data = data.parent
    return shutil.disk_usage(data).free < _LEAST_BYTES


def _unforeseen(error: Exception, data: Path) -> str:
    report = data / "logs" / "demo.log"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text("".join(traceback.format_exception(error)))
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"The demo failed in a way nobody foresaw: {what}\nDetails are in {_short(report)}. RESET=1 begins anew."


def _short(folder: Path) -> str:
    """Show a path as seen from where the person is, where it lies below."""
    folder = folder.resolve()
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)
