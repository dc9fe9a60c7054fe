"""Words that are spelled alike: who looks for `Wärmetauchser` means `Wärmetauscher`, and finds `Plattenwärmetauscher`.

The words of all names and titles stand in a table of their own. It is kept up to date within half a minute; what is
erased goes from it at once.
"""

import asyncio
from typing import Any, Final
from uuid import UUID

import structlog
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from shared.runtime.database import DATABASE_ERRORS, Connection, Pool

log = structlog.get_logger()

_EVERY_SECONDS: Final = 30.0
_SHORTEST: Final = 4
_MOST_TERMS: Final = 3
_MOST_OFF: Final = 2

# Nobody erases a word between the look at what is said and its writing.
LOCK = "SELECT pg_advisory_xact_lock(4711001)"
STATE = "SELECT count(*) AS organisations, coalesce(sum(version), 0) AS versions FROM organisation"
RESPELL = """
    WITH said AS MATERIALIZED (SELECT DISTINCT word FROM organisation, words_of(called) AS word),
         gone AS (DELETE FROM spelling WHERE NOT EXISTS (SELECT FROM said WHERE said.word = spelling.word))
    INSERT INTO spelling SELECT word FROM said ON CONFLICT DO NOTHING
"""
FORGET = "DELETE FROM spelling WHERE word IN (SELECT words_of(called) FROM organisation WHERE id = $1)"
# At this a word with two letters swapped still finds its own compound.
CLOSE = "SET LOCAL pg_trgm.word_similarity_threshold = 0.4"
ALIKE = """
    SELECT word FROM spelling WHERE $1 <% word ORDER BY word_similarity($1, word) DESC, length(word), word LIMIT 15
"""


class Spelling:
    """Keeps the words up to date."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._state: Any = None

    async def run(self) -> None:
        """Do it until cancelled; a database that is away has its turn later."""
        while True:
            try:
                await self.look()
            except DATABASE_ERRORS as error:
                log.warning("spelling waits", error=type(error).__name__)
            await asyncio.sleep(_EVERY_SECONDS)

    async def look(self) -> None:
        """Take in what has changed since the last look, if anything has."""
        state = await self._pool.fetchrow(STATE)
        if state != self._state:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(LOCK)
                await connection.execute(RESPELL)
            self._state = state


async def forget_words(connection: Connection, organisation_id: UUID) -> None:
    """Forget the words of an organisation that is about to be erased; those of others come back with the next look."""
    await connection.execute(LOCK)
    await connection.execute(FORGET, organisation_id)


async def alike(connection: Connection, words: list[str]) -> list[list[str]]:
    """Return for each word what may be meant by it, itself always among it; runs in a transaction."""
    await connection.execute(CLOSE)
    return [await _terms(connection, word) for word in words]


async def _terms(connection: Connection, word: str) -> list[str]:
    if len(word) < _SHORTEST:
        return [word]
    found = [nearest(word, row["word"]) for row in await connection.fetch(ALIKE, word)]
    best = min((distance for distance, _ in found), default=len(word))
    terms = dict.fromkeys(term for distance, term in found if distance == best and best <= _allowed(word))
    return [word, *(term for term in terms if term != word)][: _MOST_TERMS + 1]


def _allowed(word: str) -> int:
    return 1 + (len(word) > 5) + (len(word) > 8)  # noqa: PLR2004 - letters


def nearest(word: str, within: str) -> tuple[int, str]:
    """Return the part of `within` that takes the fewest changes to become `word`, and how many.

    A letter more, less or another, and two that are swapped, are a change each (optimal string alignment).
    """
    at = fuzz.partial_ratio_alignment(word, within)
    assert at is not None, "without a cutoff there always is one"
    # It compares parts as long as the word; with letters missing or too many the part is shorter or longer.
    starts = range(max(0, at.dest_start - _MOST_OFF), at.dest_start + _MOST_OFF + 1)
    ends = range(at.dest_end - _MOST_OFF, min(len(within), at.dest_end + _MOST_OFF) + 1)
    parts = [within[start:end] for start in starts for end in ends if start < end]
    return min(((OSA.distance(word, part), part) for part in parts), key=lambda one: (one[0], _off(word, one[1])))


def _off(word: str, part: str) -> int:
    return abs(len(part) - len(word))
