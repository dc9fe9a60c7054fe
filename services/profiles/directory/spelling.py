"""Words that are spelled alike: who looks for `Wärmetauchser` means `Wärmetauscher`, and finds `Plattenwärmetauscher`.

The words of all names and titles stand in a table of their own. It is kept up to date within half a minute; what is
erased goes from it at once.
"""

import asyncio
from typing import Any, Final
from uuid import UUID

import structlog

from shared.runtime.database import DATABASE_ERRORS, Connection, Pool

log = structlog.get_logger()

_EVERY_SECONDS: Final = 30.0
_SHORTEST: Final = 4
_MOST_TERMS: Final = 3

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

    A letter more, less or another, and two that are swapped, are a change each (Sellers' algorithm with swaps).
    """
    # A cell: changes so far, and where the part begins; negative, so that of equal ones the shorter part is less.
    rows = [[(0, -place) for place in range(len(within) + 1)]]
    for i, letter in enumerate(word, start=1):
        row = [(i, 0)]
        for j, other in enumerate(within, start=1):
            options = [
                _more(rows[-1][j - 1], letter != other),
                _more(rows[-1][j], 1),
                _more(row[-1], 1),
            ]
            if i > 1 and j > 1 and (letter, word[i - 2]) == (within[j - 2], other):
                options.append(_more(rows[-2][j - 2], 1))
            row.append(min(options))
        rows.append(row)
    end = min(
        range(len(within) + 1), key=lambda place: (rows[-1][place][0], abs(place + rows[-1][place][1] - len(word)))
    )
    changes, start = rows[-1][end]
    return changes, within[-start:end]


def _more(cell: tuple[int, int], changes: int) -> tuple[int, int]:
    return cell[0] + changes, cell[1]
