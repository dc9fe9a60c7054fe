"""What events keeps about somebody: where the organisations that the account acts for have registered."""

from typing import Final

from shared.runtime.refusals import Message
from shared.web.my_data import Section, of_organisations

REGISTRATIONS = """
    SELECT jsonb_build_object('gathering', gathering.doc #>> '{content,title}', 'starts_at', gathering.starts_at)
        || to_jsonb(registration) - '{version,ticket}'::text[]
    FROM registration JOIN gathering ON gathering.id = registration.gathering_id
    WHERE registration.organisation_id = ANY($1::uuid[]) ORDER BY registered_at
"""
CONTACTS = """
    SELECT doc FROM contact
    WHERE (doc ->> 'organisation_id')::uuid = ANY($1::uuid[]) ORDER BY id
"""

SECTIONS: Final = (
    Section("registrations", Message("Registrations of your organisations"), of_organisations(REGISTRATIONS)),
    Section("contacts", Message("Contacts, as gatherings know them"), of_organisations(CONTACTS)),
)
