"""Forgets what erased organisations wrote.

What is to do stands in the rows themselves: sides of conversations whose organisation is erased. A message that is
written while its organisation is being erased keeps that erasure waiting until its commit, and is found by the look
that follows.
"""

from typing import Any, Final

from services.matching.conversations import commands
from shared.runtime.commands import Commands
from shared.runtime.follow_up import FollowUp

DUE: Final = """
    SELECT match_id, side.organisation_id FROM organisation JOIN conversation_side AS side
        ON side.organisation_id = organisation.id
    WHERE organisation.erased AND NOT side.erased ORDER BY match_id, side.organisation_id
"""


def erasure(desk: Commands) -> FollowUp:
    """Return the worker."""

    async def erase(row: Any) -> None:
        await commands.erase_side(desk, row["match_id"], row["organisation_id"])

    return FollowUp("erasure of messages", desk.pool, DUE, erase)
