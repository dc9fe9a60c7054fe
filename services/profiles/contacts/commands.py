"""What can be done with a contact."""

from uuid import UUID, uuid4

from services.profiles.contacts import queries
from services.profiles.contacts.domain import ContactContent
from services.profiles.organisations.queries import require_acting_for
from shared.contracts.contacts import Contact, ContactErased, ContactErasedState, ContactUpdated
from shared.runtime.commands import Answer, Unit
from shared.runtime.erasure import forget_records
from shared.runtime.http import Desk
from shared.runtime.publication import Publication
from shared.runtime.refusals import Stale

UPSERT = """
    INSERT INTO contact (organisation_id, contact_id, version, name, email, phone, language)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (organisation_id) DO UPDATE
        SET version = excluded.version, name = excluded.name, email = excluded.email, phone = excluded.phone,
            language = excluded.language
"""
DELETE = "DELETE FROM contact WHERE organisation_id = $1"


async def name_contact(desk: Desk, organisation_id: UUID, what: ContactContent) -> Answer:
    """Name the person to reach at an organisation, or change what is known of them.

    The row counts its own public versions, since there is no stream to count them from.
    """
    await require_acting_for(desk.pool, desk.actor, organisation_id)

    async def work(unit: Unit) -> Answer:
        epoch, present = await queries.lock(unit.connection, organisation_id)
        version, contact_id = (present.version, present.id) if present else (0, uuid4())
        if unit.request.expected not in (None, version):
            raise Stale
        if present is not None and present.contact == what:
            return Answer(200, contact_id, version)
        version += 1
        await unit.connection.execute(
            UPSERT, organisation_id, contact_id, version, what.name, what.email, what.phone, what.language
        )
        data = Contact(
            epoch=epoch, version=version, contact_id=contact_id, organisation_id=organisation_id, **dict(what)
        )
        unit.publish([Publication(ContactUpdated, contact_id, data)], uuid4())
        return Answer(200, contact_id, version)

    return await desk.commands.run(desk.request, work)


async def erase_contact(unit: Unit, organisation_id: UUID) -> UUID | None:
    """Forget the person to reach at an organisation, which is there still; return the contact, None if it named nobody.

    What it publishes takes the place of the contact's last record.
    """
    epoch, present = await queries.lock(unit.connection, organisation_id)
    if present is None:
        return None
    await unit.connection.execute(DELETE, organisation_id)
    await forget_records(unit.connection, [present.id])
    end = ContactErasedState(epoch=epoch, version=present.version + 1, contact_id=present.id)
    unit.publish([Publication(ContactErased, present.id, end)], uuid4())
    return present.id
