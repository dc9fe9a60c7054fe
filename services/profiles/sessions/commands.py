"""What can be done to come in and to leave. Links and sessions are rows: nothing of them is worth remembering."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from services.profiles.accounts.commands import ACCOUNT
from services.profiles.accounts.domain import EndSessions
from services.profiles.sessions import domain
from shared.contracts.rights import EndedSession
from shared.contracts.words import Language
from shared.runtime.commands import Answer, Commands, Request, Unit
from shared.runtime.credentials import CLOCK_SKEW, SESSION_TIME, digest_of
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import NotFound, Refused

NOTE = "INSERT INTO login_request (about, at) SELECT about, $2 FROM unnest($1::text[]) AS about"
COUNT = "SELECT about, count(*) FROM login_request WHERE about = ANY($1) AND at > $2 GROUP BY about"
WHOSE = "SELECT id, email, language FROM account WHERE lower(email) = lower($1)"
WHOSE_ID = "SELECT id, email, language FROM account WHERE id = $1"
MAKE_LINK = """
    INSERT INTO login_link (digest, account_id, place, made_at, expires_at) VALUES ($1, $2, $3, $4, $5)
"""
USE = """
    UPDATE login_link SET used_at = $2, used_by = $3, session_id = $4
    WHERE digest = $1 AND used_at IS NULL AND expires_at > $2 RETURNING account_id, place
"""
LINK = "SELECT account_id, place, expires_at, used_at, used_by, session_id FROM login_link WHERE digest = $1"
BEGIN = "INSERT INTO session (id, account_id, began_at, seen_at, browser) VALUES ($1, $2, $3, $3, $4)"
SEE = """
    UPDATE session SET seen_at = $2
    WHERE id = $1 AND ended_at IS NULL AND began_at > $2::timestamptz - $3::interval RETURNING id
"""
END = """
    UPDATE session SET ended_at = $3 WHERE account_id = $1 AND id = ANY($2::uuid[]) AND ended_at IS NULL RETURNING id
"""
FORGET = (
    "DELETE FROM login_request WHERE at < $1::timestamptz - $2::interval",
    "DELETE FROM login_link WHERE expires_at < $1::timestamptz - $2::interval",
    "DELETE FROM session WHERE coalesce(ended_at, seen_at) < $1::timestamptz - $2::interval",
)


class TooOften(Refused):
    """Asked too often; it helps to wait."""

    status = 429


class LinkSpent(Refused):
    """A link that was good once."""

    status = 410


@dataclass(frozen=True)
class Link:
    """A one-time link to be mailed: to whom, in which language, and the secret in it, which is kept nowhere."""

    email: str
    language: Language
    secret: str


@dataclass(frozen=True)
class Begun:
    """A session that began, and the place where the person wanted to go."""

    account_id: UUID
    session_id: UUID
    place: str


async def ask_for_link(pool: Pool, email: str, client: str, place: str) -> Link | None:
    """Return the link to send to an address, None if nobody has an account with it or it got enough of them.

    Raises:
        TooOften: this client asks for links again and again.
    """
    now = _now()
    about_address, about_client = digest_of(f"address {email.lower()}"), digest_of(f"client {client}")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(NOTE, [about_address, about_client], now)
        asked = dict(await connection.fetch(COUNT, [about_address, about_client], now - domain.WINDOW))
        # Counted over all addresses, so it tells nothing about any of them.
        if asked[about_client] > domain.REQUESTS_PER_CLIENT:
            raise TooOften("too-often", "Too many links were asked for from here. Wait a quarter of an hour.")
        row = await connection.fetchrow(WHOSE, email)
        if row is None or asked[about_address] > domain.LINKS_PER_ADDRESS:
            return None
        return await _make_link(connection, row, place, now)


async def ask_again(pool: Pool, secret: str, client: str) -> Link | None:
    """Return a new link to the address that a spent one was sent to, None if it may not have another."""
    row = await pool.fetchrow(LINK, digest_of(secret))
    whose = await pool.fetchrow(WHOSE_ID, row["account_id"]) if row else None
    return await ask_for_link(pool, whose["email"], client, row["place"]) if row and whose else None


async def make_link(pool: Pool, email: str, place: str = "") -> Link | None:
    """Return a link that nobody asked for, to be handed over by an operator; None if nobody has this address."""
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(WHOSE, email)
        return await _make_link(connection, row, place, _now()) if row else None


async def invite(connection: Connection, account_id: UUID, place: str) -> Link:
    """Return a link for somebody who does not know of their account yet.

    Raises:
        NotFound: the account was closed meanwhile.
    """
    row = await connection.fetchrow(WHOSE_ID, account_id)
    if row is None:
        raise NotFound("account")
    return await _make_link(connection, row, place, _now(), domain.INVITATION_TIME)


async def begin(pool: Pool, secret: str, click: UUID | None, browser: str) -> Begun:
    """Begin a session with a link; the same click again, as of a double one, returns the same session.

    Raises:
        NotFound: there never was such a link, or it is forgotten.
        LinkSpent: it was used, or has run out.
    """
    now, session_id, digest = _now(), uuid4(), digest_of(secret)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(USE, digest, now, click, session_id)
        if row is not None:
            await connection.execute(BEGIN, session_id, row["account_id"], now, browser)
            return Begun(row["account_id"], session_id, row["place"])
        row = await connection.fetchrow(LINK, digest)
    if row is None:
        raise NotFound("link")
    if row["used_at"] is None:
        raise LinkSpent("link-expired", "This link has run out.")
    if click is None or row["used_by"] != click or row["used_at"] < now - domain.TWICE:
        raise LinkSpent("link-used", "This link was used already.")
    return Begun(row["account_id"], row["session_id"], row["place"])


async def begin_for(pool: Pool, account_id: UUID, browser: str, place: str) -> Begun:
    """Begin a session of somebody whom another provider knows."""
    session_id = uuid4()
    await pool.execute(BEGIN, session_id, account_id, _now(), browser)
    return Begun(account_id, session_id, place)


async def see_again(pool: Pool, session_id: UUID) -> bool:
    """Note that a session is in use; tell whether it may go on."""
    return await pool.fetchval(SEE, session_id, _now(), domain.LONGEST_SESSION) is not None


async def end(commands: Commands, request: Request, account_id: UUID, sessions: Sequence[UUID]) -> Answer:
    """End sessions of an account, in all services; those that are over or another's are left alone."""

    async def work(unit: Unit) -> Answer:
        rows = await unit.connection.fetch(END, account_id, list(sessions), unit.at)
        until = unit.at + SESSION_TIME + CLOCK_SKEW
        ended = tuple(EndedSession(session_id=row["id"], until=until) for row in rows)
        change = await unit.decide(ACCOUNT, account_id, EndSessions(ended, unit.at))
        return Answer(200, account_id, change.version)

    return await commands.run(request, work)


async def forget_old(pool: Pool) -> None:
    """Delete requests that no longer count, links that ran out a day ago, and sessions that ended a month ago."""
    for statement, kept in zip(FORGET, (domain.WINDOW, domain.LINKS_KEPT, domain.SESSIONS_KEPT), strict=True):
        await pool.execute(statement, _now(), kept)


async def _make_link(
    connection: Connection, account: asyncpg.Record, place: str, now: datetime, lasts: timedelta = domain.LINK_TIME
) -> Link:
    secret = secrets.token_urlsafe(32)
    await connection.execute(MAKE_LINK, digest_of(secret), account["id"], place, now, now + lasts)
    return Link(account["email"], account["language"], secret)


def _now() -> datetime:
    return datetime.now(UTC)
