"""The sentence around a phrase, so that people read what was meant and not a piece of it."""

import re
from typing import Final

_END: Final = re.compile(r"[.!?](?:\s+|$)|\s*\n\s*")
_MOST: Final = 100


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """Return what stands before `text[start:end]` in its sentence and what after; of long ones the nearer words."""
    begins = max((found.end() for found in _END.finditer(text, 0, start)), default=0)
    finishes = next((found.start() + 1 for found in _END.finditer(text, max(start, end - 1))), len(text))
    before, after = text[begins:start], text[end : max(end, finishes)].rstrip()
    if len(before) > _MOST:
        before = "… " + before[-_MOST:].partition(" ")[2]
    if len(after) > _MOST:
        after = after[:_MOST].rpartition(" ")[0] + " …"
    return before, after
