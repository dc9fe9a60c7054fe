"""What matching keeps about somebody: the matches and conversations of their organisations, as their side sees them."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.matching.matches.queries import my_matches
from shared.runtime.access import Actor
from shared.runtime.database import Pool
from shared.runtime.refusals import Message
from shared.web.my_data import Record, Section, of_organisations

_PAGE: Final = 200

# Also what the other side wrote to them, as long as it is there: it was meant for them. That it was reported they see
# of their own reports alone, and the notes of managers are for managers.
MESSAGES: Final = """
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'match_id', match_id, 'organisation_id', own.organisation_id, 'written_at', written_at,
        'yours', message.organisation_id = own.organisation_id, 'on_behalf', on_behalf, 'text', text,
        'reported_at', CASE WHEN message.organisation_id <> own.organisation_id THEN reported_at END
    ))
    FROM conversation_side AS own JOIN message USING (match_id)
    WHERE own.organisation_id = ANY($1::uuid[]) ORDER BY written_at, message.id, own.organisation_id
"""
CLOSED: Final = """
    SELECT jsonb_build_object('match_id', match_id, 'organisation_id', organisation_id)
    FROM conversation_side WHERE organisation_id = ANY($1::uuid[]) AND closed ORDER BY match_id, organisation_id
"""


async def matches(pool: Pool, actor: Actor) -> Sequence[Record]:
    """Return the matches, newest last; not those that a manager only looks after."""
    own = actor.model_copy(update={"role": "member"})
    found: list[Record] = []
    after: UUID | None = None
    while True:
        page = await my_matches(pool, own, state=None, after=after, limit=_PAGE)
        found += [view.model_dump(mode="json") for view in page.items]
        if page.next is None:
            return found[::-1]
        after = page.next


SECTIONS: Final = (
    Section("matches", Message("Matches of your organisations"), matches),
    Section("messages", Message("Messages of your organisations, and those to them"), of_organisations(MESSAGES)),
    Section("closed_conversations", Message("Conversations that you closed"), of_organisations(CLOSED)),
)
