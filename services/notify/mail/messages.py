"""From a message that waits to be read to the mail that says so, once until the side has opened the conversation.

The mail is known by the first message that it tells of, so what follows before that is read asks for no other; and
no side is mailed about one conversation twice within an hour.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

from services.notify.community import queries
from services.notify.mail.wanting import MAX_AGE, both_are_there
from shared.contracts.conversations import EVENTS, TOPIC, Conversation
from shared.contracts.envelope import PublicEvent
from shared.runtime.database import Connection
from shared.runtime.effects import Effect, NotYet

APART: Final = timedelta(hours=1)

WANT: Final = """
    INSERT INTO mail (id, cause, kind, match_id, organisation_id, role, wanted_at, due_at)
    SELECT $1, $2, 'message', $3, $4, $5, $6, coalesce(max(done_at) + $7, '-infinity')
    FROM mail WHERE match_id = $3 AND organisation_id = $4 AND kind = 'message' AND state = 'sent'
    ON CONFLICT DO NOTHING
"""


def message_mail(applied: Callable[[], None]) -> Effect:
    """Return the effect; `applied` is called when a mail may be wanted."""
    return Effect("message-mail", TOPIC, EVENTS, want_message, MAX_AGE, applied=applied)


async def want_message(connection: Connection, event: PublicEvent) -> None:
    """Note the mail for a side that has something to read; of a match with an erased side nobody is told.

    Raises:
        NotYet: the conversation as it is now, its match or one of the sides are not known here yet.
    """
    told = event.data
    if not isinstance(told, Conversation):
        return
    match, parties = await queries.match(connection, told.match_id), await queries.parties(connection, told.match_id)
    if parties is not None and parties.state is None:
        return
    if match is None or match.state is None or parties is None or parties.state is None:
        raise NotYet("the match and its parties")
    known = await queries.conversation(connection, told.match_id)
    if known is None or known.order < event.order:
        raise NotYet("the conversation")
    if not await both_are_there(connection, parties.state):
        return
    organisations = {party.party: party.organisation_id for party in parties.state.parties}
    roles = {side.party: side.role for side in match.state.sides}
    for unread in told.unread:
        if unread.first is not None:
            reader = organisations[unread.party]
            about = (event.id, told.match_id, reader, roles[unread.party], event.time, APART)
            await connection.execute(WANT, mail_id(unread.first, reader), *about)


def mail_id(message_id: UUID, organisation_id: UUID) -> UUID:
    """Return the id of the mail that tells a side of a message and of those that follow."""
    return uuid5(message_id, str(organisation_id))


async def waits(connection: Connection, match_id: UUID, organisation_id: UUID, mail: UUID) -> bool:
    """Tell whether the message that a mail tells of is still to be read."""
    known = await queries.conversation(connection, match_id)
    if known is None or known.state is None:
        return False
    return any(one.first and mail_id(one.first, organisation_id) == mail for one in known.state.unread)
