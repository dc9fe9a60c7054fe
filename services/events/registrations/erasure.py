"""Erases the registrations of erased organisations.

What is to do stands in the rows themselves: registrations whose organisation is erased. A registration that is written
while its organisation is being erased keeps that erasure waiting until its commit, and is found by the look that
follows.
"""

from typing import Any, Final

from services.events.registrations import commands
from shared.runtime.commands import Commands
from shared.runtime.follow_up import FollowUp

DUE: Final = """
    SELECT r.id, r.gathering_id FROM organisation AS o JOIN registration AS r ON r.organisation_id = o.id
    WHERE o.erased ORDER BY r.id
"""


def erasure(desk: Commands) -> FollowUp:
    """Return the worker."""

    async def erase(row: Any) -> None:
        await commands.erase(desk, row["gathering_id"], row["id"])

    return FollowUp("erasure of registrations", desk.pool, DUE, erase)
