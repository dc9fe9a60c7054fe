"""Parties and entries for the tests of signals: who said nothing, unless it is said."""

from typing import Any

from services.matching.engine.types import Entry, Flow, Kind, Party

NOBODY = Party("p", frozenset(), frozenset(), ())


def party(id_: str = "p", **said: Any) -> Party:
    return Party(id_, said.pop("clusters", frozenset()), frozenset(), (), **said)


def entry(kind: Kind, **said: Any) -> Entry:
    return Entry(kind, 1, kind, (("title", "Etwas"),), **said)


def flow(id_: str = "f", **said: Any) -> Flow:
    given: dict[str, Any] = {"version": 1, "direction": "out", "substance": "Salzsäure", "tonnes": 100.0}
    return Flow(id_, **(given | said))
