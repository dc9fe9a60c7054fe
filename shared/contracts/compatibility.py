"""What may not change between two releases of one schema, so that old and new sides go on reading each other."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_FREE: Final = frozenset({"$id", "$schema", "title", "description", "default", "properties", "required", "items"})
"""Parts of a schema that may change, or that are compared in their own way."""


def breaks(old: Mapping[str, Any], new: Mapping[str, Any], at: str = "event") -> Iterator[str]:
    """Yield each change from `old` to `new` that is more than an added optional field.

    A field that is gone and one that is renamed look the same; both break who reads it. So does one that becomes
    required, and one whose type, bounds or words change: a wider enum is a new word that old readers refuse.
    """
    for part in sorted((old.keys() | new.keys()) - _FREE):
        yield from _compare(old.get(part), new.get(part), f"{at}: {part}")
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before:
        if name in after:
            yield from breaks(before[name], after[name], f"{at}.{name}")
        else:
            yield f"{at}.{name}: removed"
    was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
    yield from (f"{at}.{name}: became required" for name in sorted(is_required - was_required))
    yield from (f"{at}.{name}: became optional" for name in sorted(was_required - is_required))
    if "items" in old and "items" in new:
        yield from breaks(old["items"], new["items"], f"{at}[]")
    elif ("items" in old) != ("items" in new):
        yield f"{at}[]: changed"


def _compare(old: Any, new: Any, at: str) -> Iterator[str]:
    """Compare two values of a keyword; schemas inside it may gain optional fields as well."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from breaks(old, new, at)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _compare(one, other, f"{at}[{number}]")
    elif old != new:
        yield f"{at} changed from {old!r} to {new!r}"
