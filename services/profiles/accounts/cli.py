"""`python -m services.profiles accounts`: let the first people in, and help those who are locked out."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID, uuid4

import typer
from pydantic import BaseModel, ValidationError
from rich.table import Table

from services.profiles.accounts import commands, queries
from services.profiles.accounts.commands import KeyContent, Who
from services.profiles.accounts.domain import Grant
from services.profiles.sessions.commands import make_link
from services.profiles.sessions.letters import address_of
from services.profiles.sessions.signing import replace_key
from shared.runtime import migrations
from shared.runtime.access import Actor
from shared.runtime.cli import console, errors, with_pool
from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool
from shared.runtime.mail import MailSettings
from shared.runtime.outbox import Notifier
from shared.runtime.publication import Cause
from shared.runtime.refusals import Refused

accounts = typer.Typer(help="Let people and programs in.", no_args_is_help=True)

ModelT = TypeVar("ModelT", bound=BaseModel)
Email = Annotated[str, typer.Argument(help="The address of the account.")]
AsJson = Annotated[bool, typer.Option("--json", help="The result as one line of JSON.")]

_MIGRATIONS: Final = Path(__file__).parents[1] / "migrations"
_OPERATOR: Final = Actor(actor="command line", role="operator")


@accounts.command("open")
def open_command(
    email: Email,
    role: Annotated[str, typer.Option(help="member, manager, operator or integrator")],
    cluster: Annotated[list[str] | None, typer.Option(help="Of a manager; may be given again.")] = None,
    organisation: Annotated[list[UUID] | None, typer.Option(help="That it acts for; may be given again.")] = None,
    language: Annotated[str, typer.Option(help="Of mails: de or en.")] = "de",
    as_json: AsJson = False,
) -> None:
    """Let somebody in, or give an account that is there these rights.

    Example: python -m services.profiles accounts open kim@cluster.example --role manager --cluster chemistry
    """
    who = _read(Who, email=email, language=language)
    grant = _read(Grant, role=role, clusters=cluster or (), organisations=organisation or ())

    async def work(pool: Pool, all_: Commands) -> dict[str, str]:
        await queries.require_may_give(pool, _OPERATOR, grant)
        account_id = await queries.find_account(pool, email)
        if account_id is None:
            account_id = (await commands.open_account(all_, _request(), who, grant)).id
        else:
            await commands.change_grant(all_, _request(), account_id, grant)
        return {"account": str(account_id)}

    _run(work, "{account} may come in.", as_json=as_json)


@accounts.command("link")
def link_command(email: Email, as_json: AsJson = False) -> None:
    """Show a one-time link that signs in, for 15 minutes: hand it over yourself."""

    async def work(pool: Pool, _: Commands) -> dict[str, str]:
        link = await make_link(pool, email)
        if link is None:
            raise _unknown(email)
        return {"link": address_of(link, MailSettings())}

    _run(work, "{link}", as_json=as_json)


@accounts.command("key")
def key_command(
    email: Email,
    name: Annotated[str, typer.Option(help="What the key is for.")],
    scope: Annotated[list[str], typer.Option(help="As matching:read; may be given again.")],
    days: Annotated[int | None, typer.Option(help="After which it runs out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Issue an API key and show it, this once."""
    what = _read(KeyContent, name=name, scopes=tuple(scope), days=days)

    async def work(pool: Pool, all_: Commands) -> dict[str, str]:
        account_id = await queries.find_account(pool, email)
        if account_id is None:
            raise _unknown(email)
        key = await commands.issue_key(all_, _request(), account_id, what)
        return {"key": str(key)}

    _run(work, "{key}", as_json=as_json)


@accounts.command("close")
def close_command(email: Email, as_json: AsJson = False) -> None:
    """Let somebody in no more, for good."""

    async def work(pool: Pool, all_: Commands) -> dict[str, str]:
        account_id = await queries.find_account(pool, email)
        if account_id is None:
            raise _unknown(email)
        await commands.close_account(all_, _request(), account_id)
        return {"account": str(account_id)}

    _run(work, "{account} is closed.", as_json=as_json)


@accounts.command("list")
def list_command(as_json: AsJson = False) -> None:
    """List all accounts."""

    async def work(pool: Pool) -> None:
        page = await queries.list_page(pool, _OPERATOR, find=None, after=None, limit=100_000)
        if as_json:
            for account in page.items:
                print(account.model_dump_json(exclude={"rights": {"api_keys", "ended_sessions"}}))  # noqa: T201
            return
        table = Table("address", "role", "clusters", "organisations", "last seen")
        for account in page.items:
            rights, seen = account.rights, account.seen_at
            table.add_row(
                account.email,
                rights.role,
                ", ".join(rights.clusters),
                "\n".join(map(str, rights.organisations)),
                f"{seen:%Y-%m-%d %H:%M}" if seen else "not yet",
            )
        console.print(table)

    with_pool(work)


@accounts.command("replace-key")
def replace_key_command() -> None:
    """Replace the key that sessions are signed with, at once: everyone signs in anew. For a key that was stolen."""

    async def work(_: Pool, all_: Commands) -> dict[str, str]:
        await replace_key(all_)
        return {}

    _run(work, "The key is replaced; everyone signs in anew.", as_json=False)


def _run(work: Callable[[Pool, Commands], Awaitable[dict[str, str]]], said: str, *, as_json: bool) -> None:
    async def with_commands(pool: Pool) -> None:
        notifier = Notifier(pool)
        async with pool.acquire() as connection:
            await migrations.migrate(connection, _MIGRATIONS)
        try:
            result = await work(pool, Commands(pool, notifier.wake))
            await notifier.close()
        except Refused as refusal:
            errors.print(refusal.message, markup=False)
            raise typer.Exit(1) from None
        print(json.dumps(result) if as_json else said.format_map(result))  # noqa: T201 - to be copied as it is

    with_pool(with_commands)


def _read(model: type[ModelT], **values: Any) -> ModelT:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        for one in error.errors():
            errors.print(f"{'.'.join(map(str, one['loc']))}: {one['msg']}", markup=False)
        raise typer.Exit(2) from None


def _unknown(email: str) -> Refused:
    return Refused(
        "unknown-address",
        "Nobody has an account with %(email)s. Open one: accounts open %(email)s --role …",
        email=email,
    )


def _request() -> Request:
    correlation = uuid4()
    return Request(Cause("command line", "operator", correlation, correlation))
