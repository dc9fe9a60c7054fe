"""The matching engine: words and sentence vectors, German and English, with all that is said besides, reciprocal.

Pure: no clock, no chance, no input or output. `Index` compares parties, `rank` ranks profiles for queries.
"""

from services.matching.engine.index import Index
from services.matching.engine.parameters import DEFAULT, NAME, VERSION, Parameters
from services.matching.engine.ranking import Profile, Query, Ranked, Ranking, rank
from services.matching.engine.rules import Permission, may_meet
from services.matching.engine.types import Comparison, Engine, Entry, Kind, Party, Reason, RejectedPairs, Strength

__all__ = [
    "DEFAULT",
    "NAME",
    "VERSION",
    "Comparison",
    "Engine",
    "Entry",
    "Index",
    "Kind",
    "Parameters",
    "Party",
    "Permission",
    "Profile",
    "Query",
    "Ranked",
    "Ranking",
    "Reason",
    "RejectedPairs",
    "Strength",
    "may_meet",
    "rank",
]
