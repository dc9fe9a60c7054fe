"""How long a list takes from its bytes to the last commit, against a COPY of the rows that it wrote."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from random import Random
from time import perf_counter
from typing import Any, Final
from uuid import uuid4

from bench.group import Found, Group, Setting
from bench.pairs import interleave, rounded
from bench.results import Target, compare
from bench.search import texts
from services.profiles.app import SERVICE
from services.profiles.imports import commands
from services.profiles.imports.commands import Order
from services.profiles.imports.rows import Source, read
from shared.runtime.commands import Commands
from shared.runtime.database import Pool, open_pool
from shared.runtime.publication import Cause

_TABLES: Final[Mapping[str, Sequence[str]]] = {
    "event": (*("stream", "version", "id", "type", "data", "actor", "actor_kind", "correlation", "causation", "at"),),
    "publication": ("key", "topic", "version", "record"),
    "outbox": ("topic", "key", "value"),
    "organisation": (
        *("id", "version", "name", "clusters", "unverified", "doc"),
        *("kind", "size", "region", "called", "words", "words_within"),
    ),
    "external_key": ("source", "key", "organisation_id"),
}
_TARGET: Final = Target(ours_at_most=15)
_SOURCE: Final = Source("chemistry", frozenset({"chemistry"}))


async def measure(setting: Setting) -> Found:
    """Import a list into empty tables, in turns with its reference; then the same list again."""
    count = setting.size(6_000, 300)
    content = "\n".join(_lines(count)).encode()
    pool = await open_pool(await setting.servers.database(SERVICE.migrations))
    written: dict[str, list[Any]] = {}
    try:
        sides = {"ours": partial(_import, pool, content, written), "copy": partial(_copy, pool, written)}
        seconds = await interleave(setting.pairs, sides)
        await _import(pool, content, written)
        began = perf_counter()
        await _run(pool, content)
        again = rounded(perf_counter() - began)
    finally:
        await pool.close()
    row = compare(f"import {count:,}", "COPY of what it wrote", "s", seconds["ours"], seconds["copy"], _TARGET)
    return Found([row], {"the same list again, s": again, "bytes of the list": len(content)})


async def _import(pool: Pool, content: bytes, written: dict[str, list[Any]]) -> float:
    await pool.execute(f"TRUNCATE {', '.join(_TABLES)}")
    began = perf_counter()
    await _run(pool, content)
    took = perf_counter() - began
    for table, columns in _TABLES.items():
        written[table] = await pool.fetch(f"SELECT {', '.join(columns)} FROM {table}")
    return took


async def _run(pool: Pool, content: bytes) -> None:
    order = Order(_SOURCE, Cause("bench", "manager", uuid4(), uuid4()))
    report = await commands.run(Commands(pool), read(content, "jsonl", _SOURCE), order)
    assert report.imported, report.problems[:3]


async def _copy(pool: Pool, written: Mapping[str, list[Any]]) -> float:
    await pool.execute(f"TRUNCATE {', '.join(_TABLES)}")
    began = perf_counter()
    async with pool.acquire() as connection, connection.transaction():
        for table, columns in _TABLES.items():
            rows = [tuple(row) for row in written[table]]
            await connection.copy_records_to_table(table, records=rows, columns=columns)
    return perf_counter() - began


def _lines(count: int) -> list[str]:
    random = Random(1)
    return [json.dumps(_organisation(random, number)) for number in range(count)]


def _organisation(random: Random, number: int) -> dict[str, Any]:
    return {
        "external_key": str(number),
        "name": texts.name(random, number),
        "kind": "company",
        "region": "DE21",
        "summary": texts.text(random),
        "consents": ["chemistry:matching_inside"],
        "needs": [texts.entry(random)],
        "offers": [texts.entry(random)],
    }


GROUP: Final = Group(
    "lists",
    "A list of organisations from its bytes to the last commit, against a COPY of the rows that it writes",
    measure,
)
