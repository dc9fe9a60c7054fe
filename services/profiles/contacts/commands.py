"""What can be done with a contact."""

from uuid import UUID, uuid4

from services.profiles.contacts import queries
from services.profiles.contacts.domain import ContactContent
from services.profiles.organisations.queries import require_acting_for
from shared.contracts.contacts import Contact, ContactUpdated
from shared.runtime.commands import Answer, Unit
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
