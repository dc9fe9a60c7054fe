"""Who is asked whether needs and offers still hold, and what a personal link leads to."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.profiles.organisations.domain import Organisation
from services.profiles.personal_links import id_in, is_key_of
from shared.contracts.organisations import Entry
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import NotFound

ASKED = """
    SELECT asked.id, asked.salt, asked.given_at, organisation.id AS organisation_id, organisation.doc
    FROM confirmation AS asked JOIN organisation ON organisation.id = asked.organisation_id WHERE asked.id = $1
"""
LOCK = f"{ASKED} FOR UPDATE OF asked"


@dataclass(frozen=True)
class Question:
    """Whether the needs and offers of an organisation still hold, and when that was answered."""

    id: UUID
    organisation_id: UUID
    name: str
    entries: tuple[Entry, ...]
    given_at: datetime | None

    @property
    def until(self) -> date | None:
        """The day until which the longest of them lasts."""
        return max((entry.expires_on for entry in self.entries if entry.expires_on), default=None)


async def by_key(connection: Pool | Connection, key: str, *, lock: bool = False) -> Question:
    """Return what a personal link leads to.

    Raises:
        NotFound: it leads nowhere, or no longer.
    """
    asked_id = id_in(key)
    row = await connection.fetchrow(LOCK if lock else ASKED, asked_id) if asked_id else None
    if row is None or not is_key_of(key, row["salt"], row["id"]):
        raise NotFound("question")
    organisation = Organisation.model_validate_json(row["doc"])
    entries = (*organisation.needs, *organisation.offers)
    return Question(row["id"], row["organisation_id"], organisation.description.name, entries, row["given_at"])
