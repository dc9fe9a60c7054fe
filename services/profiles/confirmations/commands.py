"""Asking whether needs and offers still hold, before they expire, and taking the answer; a row for each question."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID, uuid4

from pydantic import Field

from services.profiles.confirmations import queries
from services.profiles.organisations.commands import ORGANISATION
from services.profiles.organisations.domain import ConfirmEntries
from shared.contracts.envelope import Content
from shared.runtime.commands import Answer, Commands, Request, Unit
from shared.runtime.database import Pool
from shared.runtime.publication import Cause
from shared.runtime.refusals import Invalid

AHEAD: Final = timedelta(days=14)
"""How long before they expire somebody is asked."""
BEHIND: Final = timedelta(days=30)
"""How long after they have expired it is still worth asking."""
AGAIN: Final = timedelta(days=30)
"""Nobody is asked more often than this; and a link holds as long as three of these."""

# Not all at once: a mail server takes hundreds an hour, not thousands.
ASK = """
    INSERT INTO confirmation (id, organisation_id, salt, mail, mail_wanted_at)
    SELECT gen_random_uuid(), one.id, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
           'wanted', $1::timestamptz
    FROM organisation AS one
    WHERE EXISTS (SELECT FROM contact WHERE contact.organisation_id = one.id)
      AND NOT coalesce(one.doc -> 'objections' ? 'reminders', false)
      AND EXISTS (
        SELECT FROM jsonb_array_elements((one.doc -> 'needs') || (one.doc -> 'offers')) AS entry
        WHERE (entry ->> 'expires_on')::date BETWEEN $1::timestamptz - $2::interval AND $1::timestamptz + $3::interval
      )
      AND NOT EXISTS (
        SELECT FROM confirmation WHERE organisation_id = one.id AND mail_wanted_at > $1::timestamptz - $4::interval
      )
    ORDER BY one.id LIMIT 300
"""
FORGET = "DELETE FROM confirmation WHERE mail_wanted_at < $1::timestamptz - 3 * $2::interval"
GIVE = "UPDATE confirmation SET given_at = $2 WHERE id = $1"


class Confirmed(Content):
    """Which needs and offers still hold."""

    entries: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()


async def ask(pool: Pool, now: datetime | None = None) -> None:
    """Want a mail to each organisation of which something expires soon, and forget old questions."""
    now = now or datetime.now(UTC)
    await pool.execute(FORGET, now, AGAIN)
    await pool.execute(ASK, now, BEHIND, AHEAD, AGAIN)


async def confirm(commands: Commands, key: str, what: Confirmed) -> None:
    """Confirm needs and offers, for whoever has the link; a second time changes nothing.

    Raises:
        NotFound: the link leads nowhere, or one of the entries is gone.
        Invalid: nothing is to be confirmed.
    """
    if not what.entries:
        raise Invalid(
            "nothing-ticked", "Tick what still holds. What no longer does expires by itself.", field="entries"
        )
    cause = Cause("personal link", "member", uuid4(), uuid4())

    async def work(unit: Unit) -> Answer:
        question = await queries.by_key(unit.connection, key, lock=True)
        command = ConfirmEntries(what.entries, unit.at.date())
        change = await unit.decide(ORGANISATION, question.organisation_id, command)
        await unit.connection.execute(GIVE, question.id, unit.at)
        return Answer(200, question.organisation_id, change.version)

    await commands.run(Request(cause), work)
