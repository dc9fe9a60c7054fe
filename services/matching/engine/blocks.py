"""All members in a few blocks: small ones of those that changed last, a large one of the rest.

A change costs the rebuilding of the smallest block alone; one that has grown full goes into the next larger one, as in
a log-structured merge tree (O'Neil et al. 1996).
"""

from collections.abc import Iterable, Iterator
from typing import Final

from services.matching.engine.members import Block, Member
from services.matching.engine.parameters import Parameters

_TIMES: Final = 16
"""So many times as large as what comes is a block that stays as it is."""


class Blocks:
    """Members by party id, and the blocks that they stand in."""

    def __init__(self, parameters: Parameters, members: Iterable[Member] = ()) -> None:
        self._parameters = parameters
        self.members = {member.party.id: member for member in members}
        self._waiting: dict[str, Member] = {}
        self._levels: list[Block] = [Block(list(self.members.values()), parameters)]

    def put(self, member: Member) -> None:
        """Take a member in, in place of the one that had its id."""
        self.remove(member.party.id)
        self.members[member.party.id] = member
        self._waiting[member.party.id] = member

    def remove(self, party_id: str) -> None:
        """Take a member out; one that is not there is no error."""
        gone = self.members.pop(party_id, None)
        self._waiting.pop(party_id, None)
        if gone is not None:
            for block in self._levels:
                block.remove(gone)

    def __iter__(self) -> Iterator[Block]:
        """Yield the blocks; every member is present in one of them."""
        if self._waiting:
            self._settle()
        yield from self._levels

    def _settle(self) -> None:
        moving = list(self._waiting.values())
        self._waiting.clear()
        while self._levels and len(self._levels[-1].members) < _TIMES * len(moving):
            moving += self._levels.pop().left
        self._levels.append(Block(moving, self._parameters))
