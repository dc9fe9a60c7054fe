"""The JSON API of proposals by hand."""

from fastapi import APIRouter, Response

from services.matching.by_hand import commands, queries
from services.matching.by_hand.domain import ByHand
from services.matching.by_hand.queries import Asked
from shared.runtime.access import Manager
from shared.runtime.http import Database, ManagerDesk, answered

router = APIRouter(prefix="/api/cockpit/proposals", tags=["cockpit"])


@router.post("", status_code=201)
async def propose(desk: ManagerDesk, what: ByHand) -> Response:
    """Propose two to each other for a need or idea of the first, which is of your clusters.

    All rules and caps hold, and without reasons for both sides nothing is proposed. 201 with the id of the match; 202
    if the engine takes longer: then look at the list.
    """
    answer = await commands.propose(desk, what)
    made = answer.status == 201  # noqa: PLR2004
    return answered(answer, f"/matching/api/matches/{answer.id}" if made else None)


@router.get("")
async def newest(pool: Database, actor: Manager) -> list[Asked]:
    """List what was proposed by hand of late in your clusters, and what became of it."""
    return await queries.newest(pool, actor)
