"""From a match's event to the mails that it asks for, one for each side.

Survives a duplicate, a replay and a new deployment (it is the handler of an effect), and an event that comes before
what it refers to: then it waits, so that a mail never names the wrong side or reads an older match.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, Literal
from uuid import uuid5

from services.notify.community import queries
from shared.contracts import matches
from shared.contracts.envelope import PublicEvent
from shared.runtime.database import Connection
from shared.runtime.effects import Effect, NotYet

Kind = Literal["proposal", "reminder", "agreement", "introduction", "outcome", "message"]

MAX_AGE: Final = timedelta(days=3)
"""What is older is no news any more: neither is it taken up, nor does it wait longer for a contact."""

_KINDS: Final[dict[type[PublicEvent], Kind]] = {
    matches.MatchProposed: "proposal",
    matches.MatchAgreed: "agreement",
    matches.MatchIntroduced: "introduction",
}

# Due at once, whatever the clocks of others say.
WANT = """
    INSERT INTO mail (id, cause, kind, match_id, organisation_id, role, wanted_at, due_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, '-infinity')
    ON CONFLICT DO NOTHING
"""


def match_mail(applied: Callable[[], None]) -> Effect:
    """Return the effect; `applied` is called when a mail may be wanted."""
    return Effect("match-mail", matches.TOPIC, matches.EVENTS, want, MAX_AGE, applied=applied)


async def want(connection: Connection, event: PublicEvent) -> None:
    """Note the mails that an event asks for; of a match with an erased side nobody is told.

    Raises:
        NotYet: the match as it is now, its parties or one of them are not known here yet.
    """
    if (kind := _KINDS.get(type(event))) is None:
        return
    match, parties = event.data, await _parties(connection, event)
    assert isinstance(match, matches.Match)
    if parties is None or not await both_are_there(connection, parties):
        return
    roles = {side.party: side.role for side in match.sides}
    for party in parties.parties:
        mail_id = uuid5(event.id, str(party.organisation_id))
        about = (kind, match.match_id, party.organisation_id, roles[party.party], event.time)
        await connection.execute(WANT, mail_id, event.id, *about)


async def _parties(connection: Connection, event: PublicEvent) -> matches.MatchParties | None:
    """Return who the parties are, None if one was erased."""
    match, parties = await queries.match(connection, event.subject), await queries.parties(connection, event.subject)
    if parties is not None and parties.state is None:
        return None
    if match is None or match.order < event.order:
        raise NotYet("the match")
    if parties is None or parties.order < event.order:
        raise NotYet("the parties of the match")
    return parties.state


async def both_are_there(connection: Connection, parties: matches.MatchParties) -> bool:
    """Tell whether neither side was erased.

    Raises:
        NotYet: one is not known here yet.
    """
    known = await queries.organisations(connection, [party.organisation_id for party in parties.parties])
    if len(known) < len(parties.parties):
        raise NotYet("an organisation of the match")
    return all(organisation.state is not None for organisation in known.values())
