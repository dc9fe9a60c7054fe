"""`python -m services.profiles erasures`: erase again what a restored database has back."""

from pathlib import Path
from typing import Annotated, get_args
from uuid import uuid4

import typer

from services.profiles.erasures.commands import Kind, Wish, erase_again
from services.profiles.erasures.kept import kept
from shared.runtime.cli import console, with_pool
from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool
from shared.runtime.outbox import Notifier
from shared.runtime.publication import Cause

erasures = typer.Typer(help="What was erased, and stays so.", no_args_is_help=True)


@erasures.command("again")
def again_command(
    file: Annotated[Path, typer.Argument(help="The list, as ERASURES_FILE names it.", exists=True)],
) -> None:
    """Erase what the list names and the database still, or again, has; what is gone already stays gone."""

    async def work(pool: Pool) -> None:
        notifier = Notifier(pool)
        erased = await erase_list(Commands(pool, notifier.wake), file)
        await notifier.close()
        console.print(f"{erased} erased again.")

    with_pool(work)


async def erase_list(commands: Commands, file: Path) -> int:
    """Erase what a list names; return how much of it was there. Contacts go with their organisation."""
    cause = Cause("command line", "system", uuid4(), uuid4())
    wishes = [Wish.model_validate({"kind": kind, "id": one}) for kind, one in kept(file) if kind in get_args(Kind)]
    return sum([await erase_again(commands, Request(cause), wish) for wish in wishes])
