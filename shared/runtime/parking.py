"""Parking: what cannot be taken in is put aside with reason, key and bytes, and never stops the others (fault 14)."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

from shared.runtime.database import Connection, Pool

PARK = """
    INSERT INTO parked (subscription, topic, partition, "offset", key, value, reason)
    SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bytea[], $6::bytea[], $7::text[])
    ON CONFLICT (subscription, topic, partition, "offset") DO UPDATE SET reason = excluded.reason
"""

# Asked first: usually nothing is parked, and comparing thousands of keys with nothing costs a tenth of a batch.
ANY_PARKED = "SELECT EXISTS (SELECT FROM parked WHERE subscription = $1 AND superseded_at IS NULL)"

SUPERSEDE = """
    UPDATE parked SET superseded_at = now()
    FROM unnest($2::bytea[], $3::int[], $4::bigint[]) AS valid (key, partition, "offset")
    WHERE superseded_at IS NULL AND subscription = $1 AND parked.key = valid.key
      AND parked.partition = valid.partition AND parked."offset" < valid."offset"
"""

LIST = """
    SELECT id, subscription, topic, partition, "offset", key, length(value) AS bytes, reason, at, superseded_at
    FROM parked WHERE superseded_at IS NULL OR $1 ORDER BY id LIMIT $2
"""


@dataclass(frozen=True)
class Parked:
    """A record put aside. Subscription `outbox` means that it could not be sent; its offset is the outbox position."""

    subscription: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    reason: str


async def park(connection: Connection, records: Sequence[Parked]) -> None:
    """Put records aside; one that comes again (a redelivery) stays one."""
    if records:
        await connection.execute(PARK, *zip(*map(astuple, records), strict=True))


async def supersede(connection: Connection, subscription: str, valid: Sequence[tuple[bytes, int, int]]) -> None:
    """Note that valid records (key, partition, offset) made what was parked of their keys before irrelevant."""
    if await connection.fetchval(ANY_PARKED, subscription):
        await connection.execute(SUPERSEDE, subscription, *zip(*valid, strict=True))


async def forget(connection: Connection, topic: str, keys: Sequence[bytes]) -> None:
    """Delete what is parked of erased aggregates: its bytes may hold personal text, and nobody needs them any more."""
    await connection.execute("DELETE FROM parked WHERE topic = $1 AND key = ANY($2::bytea[])", topic, keys)


async def list_parked(pool: Pool, *, superseded: bool = False, limit: int = 100) -> list[Any]:
    """Return what waits for a person, oldest first."""
    return await pool.fetch(LIST, superseded, limit)


async def find_parked(pool: Pool, parked_id: int) -> Any | None:
    """Return one parked record with its bytes, None if there is none."""
    return await pool.fetchrow("SELECT * FROM parked WHERE id = $1", parked_id)


async def count_parked(pool: Pool) -> int:
    """Return how many records wait for a person."""
    return int(await pool.fetchval("SELECT count(*) FROM parked WHERE superseded_at IS NULL"))


async def discard(connection: Connection, parked_id: int) -> bool:
    """Forget a parked record for good; tell whether it was still there."""
    return bool(await connection.fetchval("DELETE FROM parked WHERE id = $1 RETURNING true", parked_id))


async def send_again(connection: Connection, parked_id: int) -> None:
    """Put a record that could not be sent back into the outbox."""
    await connection.execute(
        "INSERT INTO outbox (topic, key, value) SELECT topic, convert_from(key, 'UTF8')::uuid, value "
        "FROM parked WHERE id = $1",
        parked_id,
    )
    await discard(connection, parked_id)
