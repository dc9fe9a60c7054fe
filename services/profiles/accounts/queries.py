"""The SELECTs about accounts, and who may manage which."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from services.profiles.accounts.domain import Grant
from services.profiles.organisations.queries import clusters_by_id
from shared.contracts.rights import ApiKey, Rights
from shared.contracts.words import Language
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import Forbidden, NotFound

# Managers see the accounts of members whose organisations are all of their clusters, and of those whom their clusters
# invited and who act for none yet; operators see all.
_MANAGED = """
    SELECT account.id, account.email, account.language, account.opened_at, access.version, access.doc,
           (SELECT max(seen_at) FROM session WHERE session.account_id = account.id) AS seen_at,
           invited.mail AS invitation, invited.mail_wanted_at AS invited_at
    FROM account LEFT JOIN account_invitation AS invited ON invited.id = account.id
    JOIN access ON access.id = account.id AND NOT access.erased
    WHERE ($1::text[] IS NULL OR access.doc ->> 'role' = 'member' AND NOT EXISTS (
        SELECT FROM jsonb_array_elements_text(access.doc -> 'organisations') AS of (id)
        LEFT JOIN organisation ON organisation.id = of.id::uuid
        WHERE organisation.clusters IS NULL OR NOT organisation.clusters && $1
    ) AND (access.doc -> 'organisations' <> '[]' OR invited.clusters && $1))
"""
GET = f"{_MANAGED} AND account.id = $2"
LIST = f"""{_MANAGED}
    AND ($2::text IS NULL OR lower(account.email) > lower($2))
    AND ($3::text IS NULL OR strpos(lower(account.email), lower($3)) > 0)
    ORDER BY lower(account.email) LIMIT $4
"""
OWN = "SELECT email, language FROM account WHERE id = $1"
BY_EMAIL = "SELECT id FROM account WHERE lower(email) = lower($1)"
KEY_NAMES = "SELECT id, name, issued_at FROM api_key WHERE account_id = $1 ORDER BY issued_at DESC"
RIGHTS = "SELECT doc FROM access WHERE id = $1 AND NOT erased"


InvitationState = Literal["wanted", "sent", "refused"]


class AccountView(BaseModel):
    """An account as those see it who manage it. `seen_at` is None for who has not come yet.

    `invitation` is what became of the last mail that invited them, None if none was to be sent.
    """

    id: UUID
    version: int
    email: str
    language: Language
    rights: Rights
    opened_at: datetime
    seen_at: datetime | None
    invitation: InvitationState | None
    invited_at: datetime | None


class AccountPage(BaseModel):
    """A page of accounts by address; `next` is the `after` of the following page."""

    items: list[AccountView]
    next: str | None = None


class KeyView(BaseModel):
    """An API key as its owner sees it: never the key itself."""

    key: ApiKey
    name: str
    issued_at: datetime


async def get(pool: Pool, actor: Actor, account_id: UUID) -> AccountView:
    """Return an account that `actor` manages.

    Raises:
        NotFound: there is none, or it is not theirs to manage.
    """
    row = await pool.fetchrow(GET, _extent(actor), account_id)
    if row is None:
        raise NotFound("account")
    return _view(row)


async def list_page(pool: Pool, actor: Actor, *, find: str | None, after: str | None, limit: int) -> AccountPage:
    """Return the accounts that `actor` manages, by address, from behind `after`; `find` is a part of the address."""
    rows = await pool.fetch(LIST, _extent(actor), after, find, limit + 1)
    items = [_view(row) for row in rows[:limit]]
    return AccountPage(items=items, next=items[-1].email if len(rows) > limit else None)


async def own(pool: Pool, actor: Actor) -> tuple[str, Language]:
    """Return the address of the one who asks, and the language of mails to it.

    Raises:
        NotFound: the account was closed meanwhile.
    """
    row = await pool.fetchrow(OWN, UUID(actor.actor))
    if row is None:
        raise NotFound("account")
    return row["email"], row["language"]


async def keys(pool: Pool, account_id: UUID) -> list[KeyView]:
    """Return the API keys of an account, newest first."""
    rights = await find_rights(pool, account_id)
    known = {key.key_id: key for key in rights.api_keys} if rights else {}
    rows = await pool.fetch(KEY_NAMES, account_id)
    return [
        KeyView(key=known[row["id"]], name=row["name"], issued_at=row["issued_at"])
        for row in rows
        if row["id"] in known
    ]


async def find_account(pool: Pool, email: str) -> UUID | None:
    """Return the account with an address, None if there is none."""
    found: UUID | None = await pool.fetchval(BY_EMAIL, email)
    return found


async def find_rights(pool: Pool | Connection, account_id: UUID) -> Rights | None:
    """Return what an account may do, None if it is none, or no longer."""
    doc = await pool.fetchval(RIGHTS, account_id)
    return Rights.model_validate_json(doc) if doc else None


async def require_may_give(pool: Pool, actor: Actor, grant: Grant) -> None:
    """Let operators give any rights, and managers those of members of organisations in their clusters.

    Raises:
        NotFound: there is no such organisation.
        Forbidden: it is not theirs to give.
    """
    clusters = await clusters_by_id(pool, grant.organisations)
    if len(clusters) < len(set(grant.organisations)):
        raise NotFound("organisation")
    if actor.role == "operator":
        return
    if grant.role != "member" or not all(actor.clusters & set(of) for of in clusters.values()):
        raise Forbidden("You can let in people of your own clusters' organisations only.")


def _extent(actor: Actor) -> Sequence[str] | None:
    return None if actor.role == "operator" else sorted(actor.clusters)


def _view(row: Any) -> AccountView:
    return AccountView(
        id=row["id"],
        version=row["version"],
        email=row["email"],
        language=row["language"],
        rights=Rights.model_validate_json(row["doc"]),
        opened_at=row["opened_at"],
        seen_at=row["seen_at"],
        invitation=row["invitation"],
        invited_at=row["invited_at"],
    )
