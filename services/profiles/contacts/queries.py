"""The SELECTs behind the routes of contacts: for those who act for the organisation, and for nobody else."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.profiles.contacts.domain import ContactContent
from services.profiles.organisations.queries import require_acting_for
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import NotFound

GET = "SELECT contact_id, version, name, email, phone, language FROM contact WHERE organisation_id = $1"
# Locks the organisation, not the contact: the first contact has no row yet that two writers could meet at.
LOCK = "SELECT epoch FROM epoch, organisation WHERE organisation.id = $1 FOR NO KEY UPDATE OF organisation"


class ContactView(BaseModel):
    """A contact as the API shows it."""

    id: UUID
    version: int
    contact: ContactContent


async def get(pool: Pool, actor: Actor, organisation_id: UUID) -> ContactView:
    """Return the contact of an organisation that `actor` acts for.

    Raises:
        NotFound: there is no such organisation, or it has named nobody.
        Forbidden: it is someone else's.
    """
    found = await find(pool, actor, organisation_id)
    if found is None:
        raise NotFound("contact")
    return found


async def find(pool: Pool, actor: Actor, organisation_id: UUID) -> ContactView | None:
    """Return the same, None if it has named nobody."""
    await require_acting_for(pool, actor, organisation_id)
    row = await pool.fetchrow(GET, organisation_id)
    return view(row) if row is not None else None


async def lock(connection: Connection, organisation_id: UUID) -> tuple[int, ContactView | None]:
    """Return the epoch and the present contact; nobody else changes it until the transaction ends."""
    epoch = await connection.fetchval(LOCK, organisation_id)
    if epoch is None:
        raise NotFound("organisation")
    row = await connection.fetchrow(GET, organisation_id)
    return epoch, view(row) if row is not None else None


def view(row: Any) -> ContactView:
    """Return a row as the API shows it."""
    contact = ContactContent.model_validate({name: row[name] for name in ContactContent.model_fields})
    return ContactView(id=row["contact_id"], version=row["version"], contact=contact)
