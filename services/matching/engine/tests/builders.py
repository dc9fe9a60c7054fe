"""Small parties for the tests."""

from services.matching.engine.rules import ACROSS, INSIDE
from services.matching.engine.types import Entry, Kind, Party

CLUSTER = "north"


def entry(id_: str, kind: Kind, *texts: str, version: int = 1) -> Entry:
    names = ("title", "text", "more")
    return Entry(id_, version, kind, tuple(zip(names, texts, strict=False)))


def party(id_: str, *entries: Entry, clusters: str = CLUSTER) -> Party:
    """Consents to everything in its clusters, which are named with spaces between."""
    names = frozenset(clusters.split())
    consents = frozenset((name, purpose) for name in names for purpose in (INSIDE, ACROSS))
    return Party(id_, names, consents, entries)
