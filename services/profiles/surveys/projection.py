"""From a survey's change to its row. Nothing of a survey is told to the other services."""

import secrets
from collections.abc import Sequence

from services.profiles.surveys.domain import State, Survey
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.publication import Publication

UPSERT = """
    INSERT INTO survey (id, version, cluster, state, begun_at, salt, doc) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE
        SET version = excluded.version, cluster = excluded.cluster, state = excluded.state, doc = excluded.doc
"""


async def project(connection: Connection, change: Change[State]) -> None:
    """Write the survey's row; its salt stays the first, so that links stay the same."""
    survey = change.state
    assert isinstance(survey, Survey)
    await connection.execute(
        UPSERT,
        *(change.id, change.version, survey.content.cluster, survey.state, change.at),
        *(secrets.token_bytes(32), survey.model_dump_json()),
    )


def publish(_: Change[State]) -> Sequence[Publication]:
    """Tell nobody."""
    return ()
