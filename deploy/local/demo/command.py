"""`python -m deploy.local demo`: options from the command line or, as make passes them, from the environment."""

import asyncio
import errno
import signal
import sys
import traceback
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console

from deploy.local.demo.run import Options, run
from deploy.local.demo.showing import Screen
from deploy.local.errors import StackError
from deploy.local.stack import DATA, PORT, reset

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
    try:
        screen.title(_short(data))
        if begin_anew:
            reset(data)
        figures = asyncio.run(_until_told(options, screen))
    except StackError as error:
        screen.quiet()
        _fail(str(error), error.exit_code)
    except OSError as error:
        screen.quiet()
        _fail(_why(error, data))
    except Exception:  # noqa: BLE001 - a person shall read a sentence, and find the rest where it can be sent on
        screen.quiet()
        _fail(_unforeseen(data))
    else:
        sys.stdout.write(f"{figures}\n" if figures else "Stopped.\n")


async def _until_told(options: Options, screen: Screen) -> str | None:
    """Run until it ends by itself, or None when a signal says so; then what was started is stopped in good order."""
    task = asyncio.current_task()
    assert task is not None
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, _stop, task, screen)
    try:
        return await run(options, screen)
    except asyncio.CancelledError:
        return None


def _stop(task: "asyncio.Task[str | None]", screen: Screen) -> None:
    screen.quiet()
    screen.say("\nStopping …")
    for number in _SIGNALS:  # once is enough: a second Ctrl-C would leave things half stopped
        asyncio.get_running_loop().add_signal_handler(number, lambda: None)
    task.cancel()


def _why(error: OSError, data: Path) -> str:
    if error.errno == errno.ENOSPC:
        return (
            f"The disk of {_short(data)} is full. Make room (1 GB is plenty) and start again; RESET=1 deletes old data."
        )
    if error.errno in {errno.EACCES, errno.EROFS}:
        return f"{error.filename or data} cannot be written: {error.strerror}. Give yourself access, or set LOCAL_DIR."
    return f"The system under the demo failed: {error}. Logs are in {_short(data / 'logs')}; start again."


def _unforeseen(data: Path) -> str:
    report = data / "logs" / "demo.log"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(traceback.format_exc())
    last = traceback.format_exc().strip().splitlines()[-1]
    return f"The demo failed in a way nobody foresaw: {last}\nDetails are in {_short(report)}. RESET=1 begins anew."


def _fail(message: str, code: int = 1) -> None:
    sys.stderr.write(f"\n{message}\n")
    raise typer.Exit(code)


def _short(folder: Path) -> str:
    """Show a path as seen from where the person is, where it lies below."""
    folder = folder.resolve()
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)
