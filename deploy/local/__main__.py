"""Runs the stack until it is told to stop; `demo` runs it with a seeded community."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.demo.command import demo, seed
from deploy.local.errors import StackError
from deploy.local.stack import DATA, PORT, SERVICES, Stack, reset

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command("demo")(demo)
app.command("seed")(seed)


def _print_step(step: str, seconds: float | None) -> None:
    if seconds is not None:
        _print(f"{step} ready after {seconds:.1f} s")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _run(stack: Stack) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with stack:
        _print(f"Ready: {stack.address} - Ctrl-C stops it.")
        await asyncio.Event().wait()


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    data: Annotated[Path, typer.Option(help="Folder of data, logs and secrets.")] = DATA,
    port: Annotated[int, typer.Option(envvar="PORT", help="Public port.")] = PORT,
    service: Annotated[list[str] | None, typer.Option(help="Start only these services.")] = None,
    begin_anew: Annotated[bool, typer.Option("--reset", help="Delete the data first.")] = False,
) -> None:
    """Start servers, services and gateway; Ctrl-C stops them and keeps the data."""
    if context.invoked_subcommand is not None:
        return
    try:
        if begin_anew:
            reset(data)
        asyncio.run(_run(Stack(data, service or SERVICES, port, progress=_print_step)))
    except asyncio.CancelledError:
        _print("Stopped.")
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(error.exit_code) from None


if __name__ == "__main__":
    app()
