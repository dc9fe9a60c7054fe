"""What can be done with an account: one short function each, one transaction each."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID, uuid4

import asyncpg
from pydantic import AfterValidator, Field

from services.profiles.accounts.domain import (
    DECIDER,
    ChangeGrant,
    CloseAccount,
    Command,
    Grant,
    IssueKey,
    OpenAccount,
    RevokeKey,
    State,
)
from services.profiles.accounts.projection import project, publish
from services.profiles.organisations.queries import keep
from shared.contracts.contacts import Email
from shared.contracts.envelope import Content
from shared.contracts.rights import ApiKey
from shared.contracts.text import Line
from shared.contracts.words import Language
from shared.runtime.access import Actor
from shared.runtime.commands import Aggregate, Answer, Commands, Request, Unit
from shared.runtime.credentials import digest_of, new_api_key
from shared.runtime.database import Pool
from shared.runtime.mail import is_mailable
from shared.runtime.refusals import Invalid, Message

ACCOUNT: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)

OPEN = "INSERT INTO account (id, email, language, opened_at) VALUES ($1, $2, $3, $4)"
NAME_KEY = "INSERT INTO api_key (id, account_id, name, issued_at) VALUES ($1, $2, $3, $4)"
INVITE = "INSERT INTO account_invitation (id, mail, mail_wanted_at, clusters) VALUES ($1, 'wanted', $2, $3)"
SPEAK = "UPDATE account SET language = $2 WHERE id = $1"


OfferedScope = Literal[
    "profiles:read",
    "profiles:write",
    "matching:read",
    "matching:write",
    "events:read",
    "events:write",
    "notify:read",
    "notify:write",
]
"""What a key may be given."""


def _mailable(email: str) -> str:
    if not is_mailable(email):
        raise ValueError(Message("No mail can be sent to this address."))
    return email


class Who(Content):
    """Whose account it is: the address that login links go to, and the language of mails."""

    email: Annotated[Email, AfterValidator(_mailable)]
    language: Language = "de"


class MailLanguage(Content):
    """The language of mails."""

    language: Language


class KeyContent(Content):
    """A key to be: what its owner calls it, what it may do, and for how many days (None: until it is revoked)."""

    name: Line
    scopes: tuple[OfferedScope, ...] = Field(min_length=1)
    days: int | None = Field(default=None, ge=1, le=3650)


async def open_account(
    commands: Commands, request: Request, who: Who, grant: Grant, *, invited_by: Actor | None = None
) -> Answer:
    """Let somebody in; whom an actor invites gets a mail.

    Raises:
        Invalid: somebody else has this address already.
    """
    account_id = uuid4()

    async def work(unit: Unit) -> Answer:
        try:
            await unit.connection.execute(OPEN, account_id, who.email, who.language, unit.at)
        except asyncpg.UniqueViolationError:
            raise Invalid("address-taken", "There is an account with this address already.", field="email") from None
        await _keep_organisations(unit, grant)
        change = await unit.decide(ACCOUNT, account_id, OpenAccount(grant))
        if invited_by:
            await unit.connection.execute(INVITE, account_id, unit.at, sorted(invited_by.clusters))
        return Answer(201, account_id, change.version)

    return await commands.run(request, work)


async def change_grant(commands: Commands, request: Request, account_id: UUID, grant: Grant) -> Answer:
    """Give an account other rights."""

    async def work(unit: Unit) -> Answer:
        await _keep_organisations(unit, grant)
        change = await unit.decide(ACCOUNT, account_id, ChangeGrant(grant))
        return Answer(200, account_id, change.version)

    return await commands.run(request, work)


async def close_account(commands: Commands, request: Request, account_id: UUID) -> Answer:
    """Let somebody in no more; the address is forgotten."""
    return await commands.handle(ACCOUNT, account_id, CloseAccount(), request)


async def issue_key(commands: Commands, request: Request, account_id: UUID, what: KeyContent) -> str | None:
    """Return a new API key, None if this is the second time of the same request: a key is shown once."""
    secret, key_id = new_api_key(account_id), uuid4()

    async def work(unit: Unit) -> Answer:
        key = ApiKey(
            key_id=key_id,
            digest=digest_of(secret),
            scopes=tuple(dict.fromkeys(what.scopes)),
            expires_at=_after(unit.at, what.days),
        )
        change = await unit.decide(ACCOUNT, account_id, IssueKey(key, unit.at))
        await unit.connection.execute(NAME_KEY, key_id, account_id, what.name, unit.at)
        return Answer(201, key_id, change.version)

    answer = await commands.run(request, work)
    return secret if answer.id == key_id else None


async def revoke_key(commands: Commands, request: Request, account_id: UUID, key_id: UUID) -> Answer:
    """Let a program act for the account no longer."""
    return await commands.handle(ACCOUNT, account_id, RevokeKey(key_id), request)


async def speak(pool: Pool, account_id: UUID, language: Language) -> None:
    """Remember in which language mails to an account shall be."""
    await pool.execute(SPEAK, account_id, language)


async def _keep_organisations(unit: Unit, grant: Grant) -> None:
    """Let nobody erase what an account is being let act for: its erasure would miss this account."""
    for organisation_id in grant.organisations:
        await keep(unit.connection, organisation_id)


def _after(at: datetime, days: int | None) -> datetime | None:
    return at + timedelta(days=days) if days is not None else None
