"""What notify keeps about somebody: which mails went to the organisations that the account acts for."""

from typing import Final

from shared.runtime.refusals import Message
from shared.web.my_data import Section, of_organisations

MAILS = """
    SELECT to_jsonb(mail) FROM mail
    WHERE organisation_id = ANY($1::uuid[]) ORDER BY wanted_at
"""
CONTACTS = """
    SELECT doc FROM contact
    WHERE (doc ->> 'organisation_id')::uuid = ANY($1::uuid[]) ORDER BY id
"""

SECTIONS: Final = (
    Section("mails", Message("Mails to your organisations"), of_organisations(MAILS)),
    Section("contacts", Message("Contacts, as mails know them"), of_organisations(CONTACTS)),
)
