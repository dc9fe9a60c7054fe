"""Across clusters: the pairs that nobody meets by chance."""

from services.matching.engine.signals.signal import Evidence
from services.matching.engine.types import Entry, Party


def cross_cluster(seeker: Party, anchor: Entry, other: Party, met: Entry) -> Evidence:
    """Say whether two parties belong to clusters of which they share none."""
    del anchor, met
    return Evidence(float(bool(seeker.clusters and other.clusters) and not seeker.clusters & other.clusters))
