"""Hard rules that come before any score."""

from dataclasses import dataclass

from services.matching.engine.types import Party

INSIDE = "matching_inside"
ACROSS = "matching_across"


@dataclass(frozen=True, slots=True)
class Permission:
    """The clusters under whose consents two parties may meet: the first one's and the second one's."""

    clusters: tuple[str, str]

    @property
    def cross_cluster(self) -> bool:
        """Whether they meet across clusters."""
        return self.clusters[0] != self.clusters[1]


def may_meet(first: Party, second: Party) -> Permission | None:
    """Say under which consents two parties may be compared, or None.

    A cluster that both share, both with consent for matching inside it, comes first; else a cluster of each,
    different ones, each with its party's consent for matching across. Consent for a cluster that one has left
    does not count. Among several the first by name is taken, so that the answer does not depend on order.
    """
    if first.id == second.id:
        return None
    shared = _consented(first, INSIDE) & _consented(second, INSIDE)
    if shared:
        return Permission((min(shared),) * 2)
    pairs = [
        (mine, yours) for mine in _consented(first, ACROSS) for yours in _consented(second, ACROSS) if mine != yours
    ]
    # Sorted as a set of two, so that both sides find the same pair.
    return Permission(min(pairs, key=lambda pair: (sorted(pair), pair))) if pairs else None


def may_meet_anyone(party: Party) -> bool:
    """Say whether a party gave any consent under which it may be compared."""
    return bool(_consented(party, INSIDE) or _consented(party, ACROSS))


def shows_everything(first: Party, second: Party) -> bool:
    """Say whether both may see all that the other says: they share a cluster, or nothing is for members alone."""
    said = (*first.entries, *second.entries)
    return bool(first.clusters & second.clusters) or not any(entry.members for entry in said)


def _consented(party: Party, purpose: str) -> set[str]:
    return {cluster for cluster in party.clusters if (cluster, purpose) in party.consents}
