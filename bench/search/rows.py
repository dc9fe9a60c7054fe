"""How long people wait for what they look for, in the directory and on the board of ideas: a fixed set of words."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from time import perf_counter
from typing import Any, Final
from uuid import uuid4

from bench.community import new_id
from bench.group import Found, Group, Setting
from bench.pairs import interleave, percentile
from bench.results import Row, Target, compare
from bench.search import texts
from services.profiles.app import SERVICE
from services.profiles.directory.queries import Wanted, search
from services.profiles.directory.spelling import Spelling
from services.profiles.directory.texts import searched
from services.profiles.ideas import projection as ideas
from services.profiles.ideas.domain import Idea
from services.profiles.ideas.queries import Board, list_page
from services.profiles.organisations import projection as organisations
from services.profiles.organisations.domain import Organisation
from shared.runtime.access import Actor
from shared.runtime.database import Pool, open_pool

SAID: Final = (
    *("Wasser", "und", "recycling", "Membran", "Waermetauscher", "Wärme tauscher", "Plattenwärmetauscher"),
    *("Phosphorwandler", "Rohrbündelwärmerückgewinnung", "Ozon Membran", "heat exchanger", "tech", "KI"),
)
MISSPELLED: Final = ("Wärmetauchser", "Membrnreinigung", "Abwaserreinigung", "Quantencomputer")
"""The last is said by nobody, nor anything like it."""
_TIMES: Final = 10
_TARGET: Final = Target(ours_at_most=50)
_ACTOR: Final = Actor(actor="bench", role="manager", clusters=frozenset({"chemistry"}))

Look = Callable[[str], Awaitable[Any]]


async def measure(setting: Setting) -> Found:
    """Fill both, then look for all words, in turns with the reference."""
    count = setting.size(10_000, 1_000)
    pool = await open_pool(await setting.servers.database(SERVICE.migrations))
    rows: list[Row] = []
    try:
        await _fill(pool, count)
        looks: dict[str, tuple[Look, str]] = {
            "directory": (lambda words: search(pool, _ACTOR, Wanted(q=words, limit=20)), "organisation"),
            "ideas": (lambda words: list_page(pool, _ACTOR, Board(find=words, limit=20)), "idea"),
        }
        for name, (look, table) in looks.items():
            for kind, words in (("said", SAID), ("misspelled", MISSPELLED)):
                rows += await _compared(setting, f"{name}, {kind}", words, look, partial(_scan, pool, table))
    finally:
        await pool.close()
    return Found(rows, {"organisations, and as many ideas": count})


async def _compared(setting: Setting, name: str, words: tuple[str, ...], ours: Look, scan: Look) -> list[Row]:
    sides = {"ours": partial(_times, words, ours), "scan": partial(_times, words, scan)}
    taken = await interleave(setting.pairs, sides)
    rows = []
    for label, share, target in (("p50", 0.5, None), ("p95", 0.95, _TARGET)):
        times = {side: [percentile(one, share) for one in taken[side]] for side in taken}
        rows.append(compare(f"{name}, {label}", "scan, LIKE", "ms", times["ours"], times["scan"], target))
    return rows


async def _times(words: tuple[str, ...], look: Look) -> list[float]:
    taken = []
    for _ in range(_TIMES):
        for one in words:
            began = perf_counter()
            await look(one)
            taken.append((perf_counter() - began) * 1_000)
    return taken


async def _scan(pool: Pool, table: str, words: str) -> None:
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        await connection.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexscan = off")
        first = words.split(maxsplit=1)[0]
        await connection.fetch(f"SELECT count(*) FROM {table} WHERE words LIKE '%' || folded($1) || '%'", first)


async def _fill(pool: Pool, count: int) -> None:
    random = Random(1)
    owners = [new_id(random) for _ in range(count)]
    known = [_organisation(random, number) for number in range(count)]
    async with pool.acquire() as connection:
        rows = [_row(one, organisation) for one, organisation in zip(owners, known, strict=True)]
        await connection.executemany(organisations.UPSERT, rows)
        began = datetime(2026, 1, 1, tzinfo=UTC)
        posted = [(owner, began + timedelta(minutes=place)) for place, owner in enumerate(owners)]
        await connection.executemany(ideas.UPSERT, [_idea(random, *one) for one in posted])
        await connection.execute("VACUUM ANALYZE organisation")
        await connection.execute("VACUUM ANALYZE idea")
    await Spelling(pool).look()


def _organisation(random: Random, number: int) -> Organisation:
    def entry() -> dict[str, Any]:
        return {"entry_id": uuid4(), "version": 1, **texts.entry(random)}

    about = {
        "name": texts.name(random, number),
        "kind": random.choice(["company", "startup"]),
        "region": random.choice(["DE21", "DE22", "DE25"]),
        "summary": texts.text(random),
        "clusters": [random.choice(["chemistry", "environment"])],
    }
    entries = {side: [entry(), entry()] for side in ("needs", "offers")}
    return Organisation.model_validate({"description": about, **entries})


def _row(one: Any, organisation: Organisation) -> tuple[Any, ...]:
    about, said = organisation.description, searched(organisation)
    return (
        *(one, 1, about.name, about.clusters, (), organisation.model_dump_json()),
        *(about.kind, about.size, about.region, said.called, said.words, said.words_within),
    )


def _idea(random: Random, owner: Any, at: datetime) -> tuple[Any, ...]:
    content = {"title": texts.title(random), "text": texts.text(random, 60), "tags": [texts.compound(random)]}
    idea = Idea.model_validate({"organisation_id": owner, "clusters": ["chemistry"], "content": content})
    stage = ideas.stage(idea)
    return new_id(random), 1, owner, "public", stage, False, None, at, idea.model_dump_json()


GROUP: Final = Group(
    "search",
    "The directory and the board of ideas over 10,000 each, a fixed set of words, against a scan with LIKE",
    measure,
)
