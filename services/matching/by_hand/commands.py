"""What a manager can do: ask that two be proposed to each other, and wait for what the engine says."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import uuid4

from services.matching.by_hand import queries
from services.matching.by_hand.domain import REFUSALS, ByHand
from shared.runtime.commands import Answer, Unit
from shared.runtime.http import Desk
from shared.runtime.refusals import Invalid, Refused

PATIENCE: Final = timedelta(seconds=5)
"""How long an answer is waited for: the worker looks once a second, and after each round of what has changed."""

_LOOK_SECONDS: Final = 0.05

ASK: Final = """
    INSERT INTO by_hand (id, seeker_id, anchor, other_id, actor, correlation, requested_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def propose(desk: Desk, what: ByHand) -> Answer:
    """Propose two organisations to each other: 201 with the match, 202 with the request where it takes longer.

    Raises:
        NotFound: who seeks is not of the caller's clusters.
        Invalid: it is one and the same.
        Refused: the rules, the caps or the engine say no.
    """
    if what.organisation_id == what.other_id:
        raise Invalid("same-organisation", "Choose two that are not the same.", field="other_id")
    asked = uuid4()

    async def work(unit: Unit) -> Answer:
        await queries.require_managed(unit.connection, desk.actor, what.organisation_id)
        about = (what.organisation_id, str(what.anchor), what.other_id)
        await unit.connection.execute(ASK, asked, *about, desk.actor.actor, unit.request.cause.correlation, unit.at)
        return Answer(202, asked, 0)

    answer = await desk.commands.run(desk.request, work)
    return await _answered(desk, answer)


async def _answered(desk: Desk, asked: Answer) -> Answer:
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE.total_seconds()
    while True:
        outcome, match_id = await queries.outcome(desk.pool, asked.id)
        if outcome == "proposed":
            assert match_id is not None
            return Answer(201, match_id, 1)
        if outcome is not None:
            raise Refused(f"not-proposed-{outcome.replace('_', '-')}", REFUSALS[outcome])
        if loop.time() >= until:
            return asked
        await asyncio.sleep(_LOOK_SECONDS)
