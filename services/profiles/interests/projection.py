"""From an interest's change to its row here, and to the number that everyone sees. Nothing of it is published."""

from collections.abc import Sequence

from services.profiles.ideas.projection import COUNT
from services.profiles.interests.domain import InterestShown, InterestWithdrawn, State
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.publication import Publication

# The idea, and the one that it was merged into. Held first, so that of two who join at once each counts the other.
HOLD = """
    SELECT id FROM idea WHERE id IN (SELECT unnest(ARRAY[id, merged_into]) FROM idea WHERE id = $1)
    ORDER BY id FOR NO KEY UPDATE
"""
SHOW = "INSERT INTO interest (idea_id, organisation_id, since) VALUES ($1, $2, $3)"
WITHDRAW = "DELETE FROM interest WHERE idea_id = $1 AND organisation_id = $2"


async def project(connection: Connection, change: Change[State]) -> None:
    """Write or delete the interest's row and count anew, in the transaction of the command."""
    [event] = change.events
    assert isinstance(event, InterestShown | InterestWithdrawn)
    held = [row["id"] for row in await connection.fetch(HOLD, event.idea_id)]
    match event:
        case InterestShown(idea_id=idea_id, organisation_id=organisation_id):
            await connection.execute(SHOW, idea_id, organisation_id, change.at)
        case InterestWithdrawn(idea_id=idea_id, organisation_id=organisation_id):
            await connection.execute(WITHDRAW, idea_id, organisation_id)
    await connection.execute(COUNT, held)


def publish(change: Change[State]) -> Sequence[Publication]:  # noqa: ARG001 - the shape of every slice
    """Tell the other services nothing."""
    return ()
