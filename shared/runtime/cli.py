"""The command line that every service has: `serve`, `migrate`, `parked`."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import asyncpg
import typer
from pydantic import ValidationError
from pydantic_settings import BaseSettings
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.runtime import migrations, parking
from shared.runtime.commands import Commands
from shared.runtime.consumer import take_parked
from shared.runtime.database import DATABASE_ERRORS, Pool, is_transient
from shared.runtime.outbox import Relay
from shared.runtime.pending import take_parked_effect
from shared.runtime.service import Running, Service, serve
from shared.runtime.settings import Settings

console = Console()
errors = Console(stderr=True)

_WRONG_DSN = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
_COLUMNS = ("id", "subscription", "topic", "partition", "offset", "key", "bytes", "reason", "at")


def settings_or_exit() -> Settings:
    """Return the settings from the environment; name what is missing and exit with 2."""
    try:
        return Settings()
    except ValidationError as error:
        names = ", ".join(str(one["loc"][0]).upper() for one in error.errors())
        errors.print(f"Set these environment variables: {names}")
        raise typer.Exit(2) from None


def correct_or_exit(settings: type[BaseSettings]) -> None:
    """Say what is wrong with a service's own variables before it starts, and exit with 2."""
    try:
        settings()
    except ValidationError as error:
        wrong = "; ".join(f"{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors())
        errors.print(f"Correct these environment variables: {wrong}", markup=False)
        raise typer.Exit(2) from None


def with_pool(work: Callable[[Pool], Awaitable[None]]) -> None:
    """Run `work` with the service's database; say what is wrong if it cannot be reached, and exit with 1."""
    settings = settings_or_exit()

    async def main() -> None:
        async with asyncpg.create_pool(settings.postgres_dsn, min_size=1, max_size=8) as pool:
            await work(pool)

    try:
        asyncio.run(main())
    except DATABASE_ERRORS as error:
        if not (is_transient(error) or isinstance(error, _WRONG_DSN)):
            raise
        errors.print(f"The database cannot be reached: {error}. Is it running, and is POSTGRES_DSN right?")
        raise typer.Exit(1) from None


def service_cli(service: Service) -> typer.Typer:
    """Return the command line of a service; it may add commands of its own."""
    app = typer.Typer(help=service.title, no_args_is_help=True, pretty_exceptions_enable=False)
    app.add_typer(_parked_cli(service), name="parked")

    @app.command("serve")
    def serve_command() -> None:
        """Run the service: HTTP, consumers and relay."""
        serve(service, settings_or_exit())

    @app.command("migrate")
    def migrate_command() -> None:
        """Bring the database's tables up to date."""
        asyncio.run(migrations.migrate_database(settings_or_exit().postgres_dsn, service.migrations))
        console.print("The tables are up to date.")

    return app


def _parked_cli(service: Service) -> typer.Typer:
    app = typer.Typer(help="Work on records that could not be taken in or sent.", no_args_is_help=True)

    @app.command("list")
    def list_command(
        superseded: Annotated[bool, typer.Option(help="Also those that a later version made irrelevant.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    ) -> None:
        """List what is parked, oldest first."""
        with_pool(lambda pool: _list(pool, superseded=superseded, as_json=as_json))

    @app.command("show")
    def show_command(parked_id: int) -> None:
        """Show one parked record with its bytes."""
        with_pool(lambda pool: _show(pool, parked_id))

    @app.command("retry")
    def retry_command(parked_id: int) -> None:
        """Take a parked record in (or send it) again; it stays parked if that fails again."""
        with_pool(lambda pool: _retry(service, pool, parked_id))

    @app.command("discard")
    def discard_command(parked_id: int) -> None:
        """Forget a parked record for good."""
        with_pool(lambda pool: _discard(pool, parked_id))

    return app


async def _list(pool: Pool, *, superseded: bool, as_json: bool) -> None:
    rows = [dict(row) for row in await parking.list_parked(pool, superseded=superseded)]
    if as_json:
        for row in rows:
            print(json.dumps(row, default=_readable))  # noqa: T201 - machines read this
        return
    if not rows:
        console.print("Nothing is parked.")
        return
    table = Table(*_COLUMNS)
    for row in rows:
        table.add_row(*(Text(_readable(row[column])) for column in _COLUMNS))  # as text: keys may look like markup
    console.print(table)


async def _find(pool: Pool, parked_id: int) -> Any:
    row = await parking.find_parked(pool, parked_id)
    if row is None:
        errors.print(f"Nothing is parked as {parked_id}. `parked list` shows what is.")
        raise typer.Exit(1)
    return row


async def _show(pool: Pool, parked_id: int) -> None:
    for name, value in dict(await _find(pool, parked_id)).items():
        console.print(f"[bold]{name}[/bold]", end=" ")
        console.print(_readable(value), markup=False, highlight=False)


async def _discard(pool: Pool, parked_id: int) -> None:
    await _find(pool, parked_id)
    async with pool.acquire() as connection:
        await parking.discard(connection, parked_id)
    console.print(f"{parked_id} is forgotten.")


async def _retry(service: Service, pool: Pool, parked_id: int) -> None:
    row = await _find(pool, parked_id)
    async with pool.acquire() as connection:
        if row["subscription"] == "outbox":
            async with connection.transaction():
                await parking.send_again(connection, parked_id)
            console.print(f"{parked_id} will be sent again.")
            return
    reason = await _take(service, pool, row)
    if reason is not None:
        errors.print(f"{parked_id} stays parked: {reason}", markup=False)
        raise typer.Exit(1)
    console.print(f"{parked_id} was taken in.")


async def _take(service: Service, pool: Pool, row: Any) -> str | None:
    settings, name = settings_or_exit(), row["subscription"]
    wiring = service.wire(Running(settings, pool, Relay(pool, settings.kafka_bootstrap), Commands(pool)))
    for subscription in wiring.subscriptions:
        if subscription.name == name:
            return await take_parked(pool, subscription, row)
    for effect in wiring.effects:
        if effect.name == name:
            return await take_parked_effect(pool, effect, row)
    return f"this release reads nothing as {name}"


def _readable(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    return str(value)
