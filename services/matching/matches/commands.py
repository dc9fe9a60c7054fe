"""What can be done with a match: one short function each, one transaction each."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from services.matching.community.queries import locked_participants
from services.matching.engine.types import Comparison, Engine, Party
from services.matching.matches import queries
from services.matching.matches.domain import (
    DECIDER,
    AnswerKind,
    Command,
    DeclineReason,
    EraseParties,
    Expire,
    Match,
    Propose,
    Respond,
    State,
    Withdraw,
    WithdrawReason,
)
from services.matching.matches.projection import project, publish
from services.matching.matches.proposing import proposal
from services.matching.matches.standing import most_open, next_round
from shared.runtime.commands import Aggregate, Answer, Commands, Request, Unit
from shared.runtime.http import Desk
from shared.runtime.publication import Cause
from shared.runtime.refusals import Stale

MATCH: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)

MAX_OPEN: Final = 5
"""Open proposals that one organisation has at most: more would not be read."""

NOTHING: Final = Answer(204, UUID(int=0), 0)


async def propose(
    desk: Commands, comparison: Comparison, compared: dict[str, Party], engine: Engine, cause: Cause
) -> bool:
    """Propose what the engine found, if it still holds; return whether it was proposed.

    Both organisations are locked and read again: nothing is proposed from an old text or a withdrawn consent, and
    no organisation gets more than `MAX_OPEN`, however many proposers there are.
    """
    match_id = uuid4()

    async def work(unit: Unit) -> Answer:
        pair = [UUID(comparison.seeker), UUID(comparison.other)]
        present = await locked_participants(unit.connection, pair)
        parties = {str(key): participant.party(unit.at.date()) for key, participant in present.items()}
        if any(parties.get(key) != compared[key] for key in (comparison.seeker, comparison.other)):
            return NOTHING
        number = await next_round(unit.connection, pair, comparison.anchor)
        if number is None or await most_open(unit.connection, pair) >= MAX_OPEN:
            return NOTHING
        what = proposal(
            comparison, *(present[key] for key in pair), engine=engine, number=number, at=unit.at, new_id=uuid4
        )
        change = await unit.decide(MATCH, match_id, Propose(what))
        return Answer(201, match_id, change.version)

    return await desk.run(Request(cause), work) != NOTHING


async def withdraw(desk: Commands, match_id: UUID, reason: WithdrawReason, cause: Cause) -> None:
    """Withdraw a proposal."""
    await desk.handle(MATCH, match_id, Withdraw(reason), Request(cause))


async def erase_parties(desk: Commands, match_id: UUID, cause: Cause) -> None:
    """End a match with an erased side, and let nobody know any more who the sides were."""
    await desk.handle(MATCH, match_id, EraseParties(), Request(cause))


async def expire(desk: Commands, match_id: UUID, at: datetime) -> None:
    """End a match that was not answered in time."""
    await desk.handle(MATCH, match_id, Expire(at), Request(Cause("engine", "system", match_id, match_id)))


async def respond(
    desk: Desk, match_id: UUID, organisation_id: UUID | None, answer: AnswerKind, reason: DeclineReason | None
) -> Answer:
    """Answer for one side. `If-Match` is compared with what this side may see: the other's answer is no part of it.

    Raises:
        NotFound: the caller acts for neither side.
        Stale: the caller saw an older state.
    """
    own = await queries.own_side(desk.pool, desk.actor, match_id, organisation_id)
    request = desk.request

    async def work(unit: Unit) -> Answer:
        if request.expected is not None:
            await queries.lock(unit.connection, match_id)
            seen = await queries.seen_version(unit.connection, match_id, own)
            if request.expected != seen:
                raise Stale
        change = await unit.decide(MATCH, match_id, Respond(own, answer, reason, unit.at))
        assert isinstance(change.state, Match)
        return Answer(200, match_id, await queries.seen_version(unit.connection, match_id, own))

    return await desk.commands.run(replace(request, expected=None), work)
