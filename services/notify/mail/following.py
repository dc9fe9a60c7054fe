"""From the parties of a match to the mails that follow a proposal: the reminder, and the questions for the outcome.

A reminder goes to both sides alike, whether they have answered or not: nobody learns whom it was for. What the parties
say stays as it is while other things change, so a mail is known by what it is for, and is wanted once.
"""

from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID, uuid5

from services.notify.community import queries
from services.notify.mail.wanting import MAX_AGE, WANT, Kind, both_are_there
from shared.contracts.envelope import PublicEvent
from shared.contracts.matches import PARTIES_EVENTS, PARTIES_TOPIC, MatchParties
from shared.runtime.database import Connection
from shared.runtime.effects import Effect, NotYet

_REMINDER: Final[Kind] = "reminder"


def following_mail(applied: Callable[[], None]) -> Effect:
    """Return the effect; `applied` is called when a mail may be wanted."""
    return Effect("following-mail", PARTIES_TOPIC, PARTIES_EVENTS, want_following, MAX_AGE, applied=applied)


async def want_following(connection: Connection, event: PublicEvent) -> None:
    """Note the mails that the parties of a match ask for; of a match with an erased side nobody is told.

    Raises:
        NotYet: the match or one of its sides is not known here yet.
    """
    parties = event.data
    if not isinstance(parties, MatchParties) or not (wanted := list(_wanted(parties))):
        return
    match, present = await queries.match(connection, event.subject), await queries.parties(connection, event.subject)
    if present is not None and present.state is None:
        return
    if match is None or match.state is None:
        raise NotYet("the match")
    if not await both_are_there(connection, parties):
        return
    roles = {side.party: side.role for side in match.state.sides}
    organisations = {party.party: party.organisation_id for party in parties.parties}
    for kind, what, party in wanted:
        mail_id = uuid5(event.subject, f"{what} {party}")
        about = (kind, event.subject, organisations[party], roles[party], event.time)
        await connection.execute(WANT, mail_id, event.id, *about)


def _wanted(parties: MatchParties) -> Iterator[tuple[Kind, str, UUID]]:
    """Yield each mail that is asked for: its kind, what it is for, and the party that gets it."""
    for party in parties.parties:
        if parties.reminded:
            yield _REMINDER, _REMINDER, party.party
        if party.asked:
            yield "outcome", f"outcome {party.asked}", party.party
