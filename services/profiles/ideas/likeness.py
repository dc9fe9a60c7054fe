"""Ideas that speak of the same: shown to who is about to post one, and beside an idea.

The long words are looked for in titles and tags, and of compounds both halves, as what is alike is seldom called the
same. Nobody is shown what they may not see, and of none whose it is.
"""

import re
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from services.profiles.ideas.queries import SEEN, Search, reader_of
from shared.contracts.ideas import Stage
from shared.contracts.organisations import Language
from shared.contracts.text import printable
from shared.runtime.access import Actor
from shared.runtime.database import Pool

# Long pieces are rarer than short ones, so each counts as much as it is long. Who may see them is asked of the
# closest alone: of thousands it takes longer than finding them.
SIMILAR = f"""
    WITH alike AS (
        SELECT idea.id, sum(length(piece)) AS likeness
        FROM unnest($4::text[]) AS piece JOIN idea ON idea.called LIKE '%' || piece || '%'
        WHERE idea.stage <> 'closed' AND idea.id IS DISTINCT FROM $5
        GROUP BY idea.id HAVING sum(length(piece)) >= $6 ORDER BY likeness DESC, idea.id LIMIT 200
    )
    SELECT idea.id, idea.stage,
           idea.doc #>> '{{content,title}}' AS title, idea.doc #>> '{{content,language}}' AS language
    {SEEN.replace("WHERE", "JOIN alike ON alike.id = idea.id WHERE", 1)}
    ORDER BY alike.likeness DESC, idea.posted_at DESC, idea.id LIMIT $7
"""  # noqa: S608 - put together from what stands here

_MOST: Final = 5
_MOST_WORDS: Final = 6
_SHORTEST: Final = 4
_COMPOUND: Final = 10
_ENOUGH: Final = 9
"""So many letters in common: one long word or two short ones."""

# As the database folds what is searched.
_FOLDED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class Likeness(BaseModel):
    """What is about to be posted, as far as it is written; `but` leaves one out."""

    title: Search = ""
    text: Annotated[str, Field(max_length=8_000), AfterValidator(printable)] = ""
    but: UUID | None = None


class Similar(BaseModel):
    """An idea that speaks of the same."""

    id: UUID
    title: str
    language: Language
    stage: Stage


async def similar(pool: Pool, actor: Actor, what: Likeness, most: int = _MOST) -> list[Similar]:
    """Return ideas that say something similar and that the caller may see, the closest first."""
    pieces = _pieces(what)
    enough = min(_ENOUGH, sum(map(len, pieces)))
    rows = await pool.fetch(SIMILAR, *reader_of(actor), pieces, what.but, enough, most)
    return [Similar.model_validate(dict(row)) for row in rows]


def _pieces(what: Likeness) -> list[str]:
    """Return what to look for: the longest words, those of the title first, and of compounds both halves."""
    words = [word for said in (what.title, what.text) for word in sorted(_words(said), key=len, reverse=True)]
    halves = [half for word in list(dict.fromkeys(words))[:_MOST_WORDS] for half in _halves(word)]
    return list(dict.fromkeys(halves))


def _words(said: str) -> list[str]:
    # An underscore stands for any letter where words are looked for.
    return [word for word in re.findall(r"[^\W_]+", said.lower().translate(_FOLDED)) if len(word) >= _SHORTEST]


def _halves(word: str) -> tuple[str, ...]:
    middle = len(word) // 2
    return (word,) if len(word) < _COMPOUND else (word[:middle], word[middle:])
