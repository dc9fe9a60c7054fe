"""From a comment's change to its row here. Nothing of it is published: no other service needs what people say here."""

from collections.abc import Sequence

from services.profiles.comments.domain import Comment, Erased, State
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.publication import Publication

UPSERT = """
    INSERT INTO comment (id, version, idea_id, organisation_id, shown, written_at, doc)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, shown = excluded.shown, doc = excluded.doc
"""
DELETE = "DELETE FROM comment WHERE id = $1"
FORGET_REPORTS = "DELETE FROM report WHERE comment_id = $1"


async def project(connection: Connection, change: Change[State]) -> None:
    """Write the comment's row, in the transaction of the command; the time of writing stays the first.

    An erased one has none, and what was reported of it goes along.
    """
    comment = change.state
    if isinstance(comment, Erased):
        await connection.execute(DELETE, change.id)
        await connection.execute(FORGET_REPORTS, change.id)
        return
    assert isinstance(comment, Comment)
    shown = comment.content is not None and comment.hidden is None
    await connection.execute(
        UPSERT,
        *(change.id, change.version, comment.idea_id, comment.organisation_id, shown),
        *(change.at, comment.model_dump_json()),
    )


def publish(change: Change[State]) -> Sequence[Publication]:  # noqa: ARG001 - the shape of every slice
    """Tell the other services nothing."""
    return ()
