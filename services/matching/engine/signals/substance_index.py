"""Who has what goes in and out, by substance: those who may take a flow are found without asking everybody."""

from heapq import nsmallest
from typing import Final

from services.matching.engine.signals.flows import amount_fit, identified
from services.matching.engine.signals.identity import Substance, Substances, alike
from services.matching.engine.types import Party
from shared.contracts.organisations import Direction

_OPPOSITE: Final[dict[Direction, Direction]] = {"in": "out", "out": "in"}
_Place = tuple[Substance, Direction]


class SubstanceIndex:
    """The flows of all parties by substance and direction; kept up to date party by party."""

    def __init__(self) -> None:
        self._substances = Substances()
        self._amounts: dict[_Place, dict[str, list[float]]] = {}
        self._places: dict[str, set[_Place]] = {}

    def update(self, party: Party) -> None:
        """Take in the flows of a party, in place of those that were known."""
        self.remove(party.id)
        for flow in party.flows:
            place = identified(flow), flow.direction
            if place[0].keys:
                self._substances.add(place[0])
                self._amounts.setdefault(place, {}).setdefault(party.id, []).append(flow.tonnes)
                self._places.setdefault(party.id, set()).add(place)

    def remove(self, party_id: str) -> None:
        """Forget a party; one that is not known is no error."""
        for place in self._places.pop(party_id, ()):
            parties = self._amounts[place]
            del parties[party_id]
            if not parties:
                del self._amounts[place]
                if (place[0], _OPPOSITE[place[1]]) not in self._amounts:
                    self._substances.discard(place[0])

    def candidates(self, party: Party, limit: int = 1000) -> list[str]:
        """Return the ids of those with whom a flow of the party may fit, the surest and nearest in amount first."""
        best: dict[str, float] = {}
        for flow in party.flows:
            substance = identified(flow)
            for other in self._substances.like(substance):
                sure = alike(substance, other)
                for party_id, amounts in self._amounts.get((other, _OPPOSITE[flow.direction]), {}).items():
                    value = sure * max(amount_fit(flow.tonnes, tonnes) or 0 for tonnes in amounts)
                    best[party_id] = max(value, best.get(party_id, 0))
        best.pop(party.id, None)
        return nsmallest(limit, best, key=lambda party_id: (-best[party_id], party_id))
