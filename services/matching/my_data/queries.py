"""What matching keeps about somebody: the matches of their organisations, as their side sees them."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.matching.matches.queries import my_matches
from shared.runtime.access import Actor
from shared.runtime.database import Pool
from shared.runtime.refusals import Message
from shared.web.my_data import Record, Section

_PAGE: Final = 200


async def matches(pool: Pool, actor: Actor) -> Sequence[Record]:
    """Return the matches, newest last; not those that a manager only looks after."""
    own = actor.model_copy(update={"role": "member"})
    found: list[Record] = []
    after: UUID | None = None
    while True:
        page = await my_matches(pool, own, state=None, after=after, limit=_PAGE)
        found += [view.model_dump(mode="json") for view in page.items]
        if page.next is None:
            return found[::-1]
        after = page.next


SECTIONS: Final = (Section("matches", Message("Matches of your organisations"), matches),)
