"""Who has what goes in and out, by substance: those who may take a flow are found without asking everybody."""

from bisect import bisect_left, insort
from heapq import nsmallest
from itertools import islice
from operator import itemgetter
from typing import Final

from services.matching.engine.signals.amounts import magnitude, outwards
from services.matching.engine.signals.flows import identified
from services.matching.engine.signals.identity import Substance, Substances, alike
from services.matching.engine.types import Party
from shared.contracts.organisations import Direction

_OPPOSITE: Final[dict[Direction, Direction]] = {"in": "out", "out": "in"}
_Place = tuple[Substance, Direction]
_Amount = tuple[float, str]  # as a magnitude, and whose it is


class SubstanceIndex:
    """The flows of all parties by substance and direction; kept up to date party by party."""

    def __init__(self) -> None:
        self._substances = Substances()
        self._flows: dict[_Place, list[_Amount]] = {}
        self._parties: dict[str, list[tuple[_Place, _Amount]]] = {}

    def update(self, party: Party) -> None:
        """Take in the flows of a party, in place of those that were known."""
        self.remove(party.id)
        for flow in party.flows:
            substance, amount = identified(flow), (magnitude(flow.tonnes), party.id)
            if substance.keys:
                self._substances.add(substance)
                insort(self._flows.setdefault((substance, flow.direction), []), amount)
                self._parties.setdefault(party.id, []).append(((substance, flow.direction), amount))

    def remove(self, party_id: str) -> None:
        """Forget a party; one that is not known is no error."""
        for place, amount in self._parties.pop(party_id, ()):
            flows = self._flows[place]
            del flows[bisect_left(flows, amount)]
            if not flows:
                del self._flows[place]
                if (place[0], _OPPOSITE[place[1]]) not in self._flows:
                    self._substances.discard(place[0])

    def candidates(self, party: Party, limit: int = 1000) -> list[str]:
        """Return the ids of those with whom a flow of the party may fit, the surest and nearest in amount first.

        Of more than `limit` that have a substance, those furthest from its amount are left out.
        """
        best: dict[str, float] = {}
        for flow in party.flows:
            wanted, at = identified(flow), magnitude(flow.tonnes)
            for other in self._substances.like(wanted):
                flows = self._flows.get((other, _OPPOSITE[flow.direction]), [])
                sure = alike(wanted, other)
                for amount, party_id in islice(outwards(flows, at, itemgetter(0)), limit + len(party.flows)):
                    value = sure / (1 + abs(amount - at))
                    best[party_id] = max(value, best.get(party_id, 0))
        best.pop(party.id, None)
        return nsmallest(limit, best, key=lambda party_id: (-best[party_id], party_id))
