"""Whether two organisations still want to be brought together, by what they consent to today."""

from shared.contracts.organisations import Cluster, Organisation, Purpose


def may_meet(first: Organisation, second: Organisation) -> bool:
    """Tell whether both consent to matching inside a cluster that they share, or across in clusters of theirs."""
    if _consented(first, "matching_inside") & _consented(second, "matching_inside"):
        return True
    mine, yours = _consented(first, "matching_across"), _consented(second, "matching_across")
    return bool(mine and yours and len(mine | yours) > 1)


def _consented(organisation: Organisation, purpose: Purpose) -> set[Cluster]:
    given = {consent.cluster for consent in organisation.consents if consent.purpose == purpose}
    return given & set(organisation.clusters)
