"""Rank profiles for free-text queries: the forward direction of the engine on its own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from services.matching.engine.index import Index
from services.matching.engine.parameters import DEFAULT, Parameters
from services.matching.engine.text.encoder import Encoder
from services.matching.engine.types import Entry, Party


@dataclass(frozen=True, slots=True)
class Profile:
    """Somebody with texts, as (text id, text): they count as offers. The name is not scored."""

    id: str
    name: str
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place in a ranking: `score` in 0..1 compares between queries, `evidence` is the best text's id."""

    id: str
    score: float
    evidence: str | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best profiles for a query, best first."""

    query: str
    ranked: tuple[Ranked, ...]


def rank(
    profiles: Sequence[Profile],
    queries: Iterable[Query],
    top: int,
    encoder: Encoder | None = None,
    parameters: Parameters = DEFAULT,
) -> Iterator[Ranking]:
    """Yield for each query the `top` best profiles, or all if there are fewer, ties by id.

    The statistics come from the profiles, so that a query's ranking does not depend on other queries. Profile
    ids are unique. A profile without texts has score 0 and no evidence.
    """
    index = Index(encoder, parameters, (_party(profile) for profile in profiles))
    texts = {profile.id: profile.texts for profile in profiles}
    for query in queries:
        best = nsmallest(top, index.demand((query.text,)), key=lambda found: (-found[1], found[0]))
        yield Ranking(
            query.id,
            tuple(Ranked(id_, score, None if at is None else texts[id_][int(at)][0]) for id_, score, at in best),
        )


def _party(profile: Profile) -> Party:
    # Texts are known by their place, as nothing promises that their ids are unique or sort as they stand.
    entries = tuple(Entry(f"{at:09d}", 1, "offer", (("text", text),)) for at, (_, text) in enumerate(profile.texts))
    return Party(profile.id, frozenset(), frozenset(), entries)
