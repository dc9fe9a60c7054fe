"""The rows that commands wrote, and two ways to insert rows like them without deciding anything."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from services.profiles.organisations.projection import UPSERT
from shared.runtime.database import Pool

READ = """
    SELECT c.subject, e.version, e.type, e.data, c.actor, e.actor_kind, c.at, p.topic, p.version AS public_version,
           p.record, c.request_hash, c.status, o.name, o.clusters, o.unverified, o.doc, o.kind, o.size, o.region,
           o.called, o.words, o.words_within
    FROM command c JOIN event e ON e.stream = 'organisation-' || c.subject AND e.version = c.version
         JOIN publication p ON p.key = c.subject JOIN organisation o ON o.id = c.subject
    WHERE c.id = ANY($1)
"""

EVENT = """
    INSERT INTO event (stream, version, id, type, data, actor, actor_kind, correlation, causation, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
PUBLICATION = """
    INSERT INTO publication (key, topic, version, record) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key, topic) DO UPDATE SET version = excluded.version, record = excluded.record
"""
OUTBOX = "INSERT INTO outbox (topic, key, value) VALUES ($1, $2, $3)"
COMMAND = """
    INSERT INTO command (actor, id, request_hash, status, subject, version, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

TOGETHER = """
    WITH e AS (
        INSERT INTO event (stream, version, id, type, data, actor, actor_kind, correlation, causation, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
    ), p AS (
        INSERT INTO publication (key, topic, version, record) VALUES ($10, $11, $12, $13)
        ON CONFLICT (key, topic) DO UPDATE SET version = excluded.version, record = excluded.record
    ), q AS (
        INSERT INTO outbox (topic, key, value) VALUES ($11, $10, $13)
    ), o AS (
        INSERT INTO organisation (
            id, version, name, clusters, unverified, doc, kind, size, region, called, words, words_within
        ) VALUES ($10, $2, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
        ON CONFLICT (id) DO UPDATE
            SET version = excluded.version, name = excluded.name, clusters = excluded.clusters,
                unverified = excluded.unverified, doc = excluded.doc, kind = excluded.kind, size = excluded.size,
                region = excluded.region, called = excluded.called, words = excluded.words,
                words_within = excluded.words_within
    )
    INSERT INTO command (actor, id, request_hash, status, subject, version, at)
    VALUES ($6, $8, $24, $25, $10, $2, $9)
"""


_SAID = (*("name", "clusters", "unverified", "doc", "kind", "size", "region", "called", "words", "words_within"),)


@dataclass(frozen=True)
class Written:
    """Everything that one command wrote, and where to insert the like of it."""

    subject: UUID
    version: int
    public_version: int
    row: Any

    @property
    def stream(self) -> str:
        """The stream's name."""
        return f"organisation-{self.subject}"

    @property
    def said(self) -> tuple[Any, ...]:
        """What the organisation's row says."""
        return tuple(self.row[name] for name in _SAID)

    def moved(self, *, elsewhere: bool) -> "Written":
        """Move it to where nothing stands yet: to a new organisation, or to the next version of the same one."""
        if elsewhere:
            return replace(self, subject=uuid4())
        return replace(self, version=self.version + 1, public_version=self.public_version + 1)


async def read(pool: Pool, commands: Sequence[UUID]) -> list[Written]:
    """Return what commands wrote."""
    rows = await pool.fetch(READ, commands)
    assert len(rows) == len(commands), "a command wrote other rows than the reference knows"
    return [Written(row["subject"], row["version"], row["public_version"], row) for row in rows]


async def insert_singly(pool: Pool, one: Written) -> None:
    """Insert with five prepared statements in one transaction."""
    row, command = one.row, uuid4()
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            EVENT,
            *(one.stream, one.version, uuid4(), row["type"], row["data"], row["actor"], row["actor_kind"]),
            *(command, command, row["at"]),
        )
        await connection.execute(UPSERT, one.subject, one.version, *one.said)
        await connection.execute(PUBLICATION, one.subject, row["topic"], one.public_version, row["record"])
        await connection.execute(OUTBOX, row["topic"], one.subject, row["record"])
        await connection.execute(
            COMMAND,
            *(row["actor"], command, row["request_hash"], row["status"], one.subject, one.version, row["at"]),
        )


async def insert_together(pool: Pool, one: Written) -> None:
    """Insert with one prepared statement, which is a transaction of its own: the fewest round trips there are."""
    row = one.row
    await pool.execute(
        TOGETHER,
        *(one.stream, one.version, uuid4(), row["type"], row["data"], row["actor"], row["actor_kind"], uuid4()),
        *(row["at"], one.subject, row["topic"], one.public_version, row["record"]),
        *(*one.said, row["request_hash"], row["status"]),
    )
