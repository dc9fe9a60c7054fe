"""The languages that both sides speak or write."""

from services.matching.engine.signals.signal import Evidence, Hint
from services.matching.engine.types import Entry, Party


def language(seeker: Party, anchor: Entry, other: Party, met: Entry) -> Evidence:
    """Say whether two sides have no language in common; that they have one is the rule, and speaks for nothing.

    The language of an entry counts too: somebody there wrote it.
    """
    mine, theirs = _spoken(seeker, anchor), _spoken(other, met)
    if mine & theirs:
        return Evidence(0)
    name: tuple[Hint, ...] = () if seeker.languages else ("name-languages",)
    state: tuple[Hint, ...] = () if other.languages else ("state-languages",)
    # Only who said what is spoken there can be said not to speak the rest.
    return Evidence(0, name + state) if name or state else Evidence(-1)


def _spoken(party: Party, entry: Entry) -> set[str]:
    return {code.strip().lower() for code in (*party.languages, entry.language)} - {""}
