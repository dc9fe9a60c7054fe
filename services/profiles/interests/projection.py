"""From an interest's change to its row here, and to the number that everyone sees. Nothing of it is published."""

from collections.abc import Sequence

from services.profiles.interests.domain import InterestShown, InterestWithdrawn, State
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.publication import Publication

SHOW = """
    WITH shown AS (INSERT INTO interest (idea_id, organisation_id, since) VALUES ($1, $2, $3))
    UPDATE idea SET joined = joined + 1 WHERE id = $1
"""
WITHDRAW = """
    WITH withdrawn AS (DELETE FROM interest WHERE idea_id = $1 AND organisation_id = $2)
    UPDATE idea SET joined = joined - 1 WHERE id = $1
"""


async def project(connection: Connection, change: Change[State]) -> None:
    """Write or delete the interest's row and count it, in the transaction of the command."""
    [event] = change.events
    match event:
        case InterestShown(idea_id=idea_id, organisation_id=organisation_id):
            await connection.execute(SHOW, idea_id, organisation_id, change.at)
        case InterestWithdrawn(idea_id=idea_id, organisation_id=organisation_id):
            await connection.execute(WITHDRAW, idea_id, organisation_id)


def publish(change: Change[State]) -> Sequence[Publication]:  # noqa: ARG001 - the shape of every slice
    """Tell the other services nothing."""
    return ()
