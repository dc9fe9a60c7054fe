"""Which pairs to propose when nobody may have more than a few: the best total, then the best for the worst off. Pure.

A b-matching in a general graph: organisations are the nodes, possible proposals the edges, an organisation takes at
most as many edges as it has places. One connected part after the other is solved exactly, as integer programmes
(HiGHS). A part that is too large, or not solved in time, is filled greedily and improved by exchanges; that comes to
at least half of the best total, and in practice to nearly all of it.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Generic, TypeVar

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, diags_array, hstack

NodeT = TypeVar("NodeT", bound=Hashable)

TOLERANCE: Final = 1e-3
"""What share of the best total may be given up for those who are worst off: less than any score is sure of."""

MOST_EDGES: Final = 5_000
"""A connected part with more edges is not solved exactly: it would take seconds, and as much memory as the rest."""

_ROUNDING: Final = 1e-9
_TIE: Final = 1e-4
_ROUNDS: Final = 10


@dataclass(frozen=True, slots=True)
class Edge(Generic[NodeT]):
    """Two organisations that could meet, and what that is worth."""

    first: NodeT
    second: NodeT
    score: float

    @property
    def ends(self) -> tuple[NodeT, NodeT]:
        """Both organisations."""
        return self.first, self.second


@dataclass(frozen=True)
class Assignment(Generic[NodeT]):
    """The chosen edges, in the order in which they were given; `exact` unless a part was filled greedily."""

    chosen: Sequence[Edge[NodeT]]
    exact: bool

    @property
    def total(self) -> float:
        """What the chosen edges are worth together."""
        return sum(edge.score for edge in self.chosen)


def assign(
    edges: Sequence[Edge[NodeT]],
    places: Mapping[NodeT, int],
    *,
    had: Mapping[NodeT, float] | None = None,
    seconds: float = 1.0,
    most_edges: int = MOST_EDGES,
) -> Assignment[NodeT]:
    """Choose edges so that nobody has more than its places.

    First the total is maximised. Of all choices that come within `TOLERANCE` of it, one that serves the most
    organisations is taken, and of these one whose least-served organisation has the most. `had` is what organisations
    have besides; who is not in it has nothing. Of several edges between the same two the best is considered.

    Args:
        edges: what could be chosen; the score is positive.
        places: how many edges an organisation may have; who is missing has none.
        had: what an organisation has already.
        seconds: how long the exact solution may take, for all parts together.
        most_edges: how many edges a part that is solved exactly has at most.
    """
    until = monotonic() + seconds
    chosen: set[int] = set()
    exact = True
    possible = _best_of_each_pair(edges, places)
    for part in _parts(possible):
        problem = _Problem(part, places, had or {})
        found = problem.solved(until) if len(part) <= most_edges else None
        exact &= found is not None
        chosen |= problem.filled() if found is None else found
    return Assignment([edge for at, edge in enumerate(edges) if at in chosen], exact)


def _best_of_each_pair(edges: Sequence[Edge[NodeT]], places: Mapping[NodeT, int]) -> dict[int, Edge[NodeT]]:
    best: dict[frozenset[NodeT], int] = {}
    for at, edge in enumerate(edges):
        if edge.score > 0 and edge.first != edge.second and all(places.get(end, 0) > 0 for end in edge.ends):
            pair = frozenset(edge.ends)
            if pair not in best or edge.score > edges[best[pair]].score:
                best[pair] = at
    return {at: edges[at] for at in sorted(best.values())}


def _parts(edges: Mapping[int, Edge[NodeT]]) -> Iterable[dict[int, Edge[NodeT]]]:
    """Yield the connected parts."""
    head: dict[NodeT, NodeT] = {}

    def find(node: NodeT) -> NodeT:
        while (up := head.setdefault(node, node)) != node:
            head[node] = node = head[up]
        return node

    for edge in edges.values():
        head[find(edge.first)] = find(edge.second)
    parts: dict[NodeT, dict[int, Edge[NodeT]]] = {}
    for at, edge in edges.items():
        parts.setdefault(find(edge.first), {})[at] = edge
    return parts.values()


@dataclass
class _Problem(Generic[NodeT]):
    """One connected part, its nodes numbered."""

    edges: Mapping[int, Edge[NodeT]]
    places: Mapping[NodeT, int]
    had: Mapping[NodeT, float]
    nodes: list[NodeT] = field(init=False)

    def __post_init__(self) -> None:
        self.nodes = list(dict.fromkeys(end for edge in self.edges.values() for end in edge.ends))

    def solved(self, until: float) -> set[int] | None:
        """Return the best choice, None if not even its total was found in time."""
        if self._all_fit():
            return set(self.edges)
        programme = _Programme(self)
        if (total := programme.best_total(until)) is None:
            return None
        served = programme.most_served(total, until) or total
        choice = programme.least_raised(total, served, until) or served
        return {at for at, is_taken in zip(self.edges, choice, strict=True) if is_taken}

    def filled(self) -> set[int]:
        """Return a good choice: the best edges first, then exchanges as long as they add to the total."""
        return _Filling(self.edges, self.places).result()

    def _all_fit(self) -> bool:
        """Tell whether everybody has places for all of its edges, as is usual where one organisation has changed."""
        degree = Counter(end for edge in self.edges.values() for end in edge.ends)
        return all(self.places[node] >= count for node, count in degree.items())


class _Programme(Generic[NodeT]):
    """The integer programmes of one part: a variable for each edge, later one for each node, last the minimum."""

    def __init__(self, problem: _Problem[NodeT]) -> None:
        edges, nodes = list(problem.edges.values()), problem.nodes
        number = {node: at for at, node in enumerate(nodes)}
        rows = [number[end] for edge in edges for end in edge.ends]
        columns = [at for at in range(len(edges)) for _ in range(2)]
        self.scores = np.array([edge.score for edge in edges])
        shape = (len(nodes), len(edges))
        self._touches = csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
        self._worth = csr_array((np.repeat(self.scores, 2), (rows, columns)), shape=shape)
        self._places = np.array([problem.places[node] for node in nodes], dtype=float)
        self._had = np.array([problem.had.get(node, 0.0) for node in nodes])

    def best_total(self, until: float) -> list[bool] | None:
        """Return the choice with the best total."""
        capped = LinearConstraint(self._touches, ub=self._places)
        return self._run(-self.scores, [capped], until)

    def most_served(self, best: Sequence[bool], until: float) -> list[bool] | None:
        """Return the choice that serves the most nodes, a little below the best total if need be."""
        if self._is_served(best).all():
            return list(best)
        count, _ = self._touches.shape
        # A node is served by what it had, or by one of its edges.
        served = hstack([-self._touches, diags_array((self._had <= 0).astype(float))])
        constraints = [*self._bounds(best, count), LinearConstraint(served, ub=np.zeros(count))]
        # Among equals the total decides: all edges together weigh less than one node.
        cost = np.concatenate([-self.scores / (2 * self.scores.sum()), -np.ones(count)])
        return self._run(cost, constraints, until)

    def least_raised(self, best: Sequence[bool], served: Sequence[bool], until: float) -> list[bool] | None:
        """Return the choice with the most for the least of those who are served, serving as many."""
        count, _ = self._touches.shape
        most = float(self._worth.sum(axis=1).max() + self._had.max(initial=0.0))
        needs_edge = diags_array((self._had <= 0).astype(float))
        zero = csr_array((count, 1))
        constraints = [
            *self._bounds(best, count + 1),
            LinearConstraint(hstack([-self._touches, needs_edge, zero]), ub=np.zeros(count)),
            # As many are served, though others perhaps.
            LinearConstraint(
                np.concatenate([np.zeros(len(self.scores)), np.ones(count), [0.0]]),
                lb=float(self._is_served(served).sum()) - 0.5,
            ),
            # worth + had >= minimum, unless not served.
            LinearConstraint(
                hstack([self._worth, diags_array(np.full(count, -most)), csr_array(-np.ones((count, 1)))]),
                lb=-most - self._had,
            ),
        ]
        cost = np.concatenate([-self.scores * _TIE / self.scores.sum(), np.zeros(count), [-1.0]])
        return self._run(cost, constraints, until, free=most)

    def _is_served(self, choice: Sequence[bool]) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        return np.asarray(self._touches @ np.array(choice, dtype=float) + (self._had > 0) > 0)

    def _bounds(self, best: Sequence[bool], more: int) -> list[LinearConstraint]:
        """Return the caps and the total that is to be kept, for so many more variables."""
        count, _ = self._touches.shape
        capped = hstack([self._touches, csr_array((count, more))])
        total = np.concatenate([self.scores, np.zeros(more)])
        least = float(self.scores @ np.array(best, dtype=float)) * (1 - TOLERANCE)
        return [LinearConstraint(capped, ub=self._places), LinearConstraint(total, lb=least - _ROUNDING)]

    def _run(
        self,
        cost: "np.ndarray[tuple[int], np.dtype[np.float64]]",
        constraints: list[LinearConstraint],
        until: float,
        free: float | None = None,
    ) -> list[bool] | None:
        """Solve; all variables are yes or no, but the last one where it may be anything up to `free`."""
        left = until - monotonic()
        if left <= 0:
            return None
        whole, upper = np.ones(len(cost), dtype=np.int64), np.ones(len(cost))
        if free is not None:
            whole[-1], upper[-1] = 0, free
        found = milp(
            cost,
            integrality=whole,
            bounds=Bounds(0, upper),
            constraints=constraints,
            options={"time_limit": left, "mip_rel_gap": 1e-6},
        )
        if not found.success:  # out of time: what was found by then may be anything
            return None
        return [bool(value) for value in np.rint(found.x[: len(self.scores)])]


class _Filling(Generic[NodeT]):
    """Greedy, then improved: an edge comes in where it is worth more than what it drives out and lets in elsewhere."""

    def __init__(self, edges: Mapping[int, Edge[NodeT]], places: Mapping[NodeT, int]) -> None:
        self.edges = edges
        self.left = dict(places)
        self.best_first = sorted(edges, key=lambda at: (-edges[at].score, at))
        self.at_node: dict[NodeT, list[int]] = {}
        for at in self.best_first:
            for end in edges[at].ends:
                self.at_node.setdefault(end, []).append(at)
        self.chosen: set[int] = set()

    def result(self) -> set[int]:
        """Return the choice."""
        for at in self.best_first:
            self._take_if_room(at)
        for _ in range(_ROUNDS):
            if not sum(self._exchanged(at) for at in self.best_first if at not in self.chosen):
                break
        return self.chosen

    def _exchanged(self, at: int) -> bool:
        """Bring an edge in if that adds to the total."""
        out = {self._weakest(end) for end in self.edges[at].ends if self.left[end] == 0}
        for one in out:
            self._drop(one)
        self._take(at)
        freed = [end for one in out for end in self.edges[one].ends]
        more = [one for end in freed for one in self.at_node[end] if one not in out and self._take_if_room(one)]
        gain = sum(self.edges[one].score for one in (at, *more)) - sum(self.edges[one].score for one in out)
        if gain > _ROUNDING:
            return True
        for one in (at, *more):
            self._drop(one)
        for one in out:
            self._take(one)
        return False

    def _weakest(self, node: NodeT) -> int:
        return next(at for at in reversed(self.at_node[node]) if at in self.chosen)

    def _take_if_room(self, at: int) -> bool:
        if at in self.chosen or any(self.left[end] <= 0 for end in self.edges[at].ends):
            return False
        self._take(at)
        return True

    def _take(self, at: int) -> None:
        self.chosen.add(at)
        for end in self.edges[at].ends:
            self.left[end] -= 1

    def _drop(self, at: int) -> None:
        self.chosen.discard(at)
        for end in self.edges[at].ends:
            self.left[end] += 1
