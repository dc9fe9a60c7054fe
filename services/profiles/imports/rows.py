"""From the records of a list to commands: merged by key, validated, with ids that stay from one import to the next."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError

from services.profiles.imports.cells import words
from services.profiles.imports.problems import Problem, UnreadableError, explain
from services.profiles.imports.reading import Format, Mapped, Record, records
from services.profiles.organisations.decisions import MAX_ENTRIES
from services.profiles.organisations.domain import Clusters, Description, EntryContent, Import, Side
from shared.contracts.organisations import Cluster, Consent
from shared.contracts.text import Line
from shared.runtime.publication import MAX_STATE

_ENTRY_IDS: Final = UUID("6f1d0f5e-6c0b-4a36-9d3f-3a54b4a2c9d1")
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_BYTES: Final = 4
"""Bytes that a character takes at most, in UTF-8 or escaped; control characters, which take more, are no text."""
_MERGED: Final = frozenset({"external_key", "needs", "offers"})


def id_in(key: str) -> UUID | None:
    """Return the id that a key is, as in what was exported; None if it is another."""
    return UUID(key) if _ID.fullmatch(key) else None


def _words(value: Any) -> Any:
    return words(value) if isinstance(value, str) else value


def _pairs(value: Any) -> Any:
    parts = _words(value)
    if not isinstance(parts, list):
        return parts
    return [_pair(part) if isinstance(part, str) else part for part in parts]


def _pair(word: str) -> dict[str, str]:
    cluster, colon, purpose = word.partition(":")
    return {"cluster": cluster} | ({"purpose": purpose} if colon else {})


def _key(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class RowEntry(EntryContent):
    """A need or an offer of a list; without a key its title is its key."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[Line | None, BeforeValidator(_key)] = None


class Row(Description):
    """An organisation of a list."""

    model_config = ConfigDict(extra="forbid")

    external_key: Annotated[Line, BeforeValidator(_key)]
    clusters: Annotated[Clusters, BeforeValidator(_words)]
    consents: Annotated[tuple[Consent, ...] | None, BeforeValidator(_pairs)] = None
    needs: tuple[RowEntry, ...] = Field(default=(), max_length=MAX_ENTRIES)
    offers: tuple[RowEntry, ...] = Field(default=(), max_length=MAX_ENTRIES)


@dataclass(frozen=True)
class Source:
    """Whose list it is: the cluster that keeps it and its keys, and the clusters that its manager decides about."""

    cluster: Cluster
    within: frozenset[Cluster]


@dataclass(frozen=True)
class ImportRow:
    """What a list says of one organisation."""

    line: int
    key: str
    command: Import

    @property
    def surely_fits(self) -> bool:
        """Whether it is so short that its record cannot be too large, whatever its characters take in JSON."""
        entries = [content for _, content in (*self.command.needs, *self.command.offers)]
        about = self.command.description
        characters = len(about.summary or "") + len(about.summary_en or "")
        characters += sum(len(one.title) + len(one.text) for one in entries)
        return _MOST_BYTES * characters + 1_000 * len(entries) + 10_000 < MAX_STATE


@dataclass(frozen=True)
class Reading:
    """A list as it was read: what can be imported, and what is wrong with the `invalid` others."""

    rows: Sequence[ImportRow]
    problems: Sequence[Problem]
    invalid: int


def read(content: bytes, kind: Format, source: Source, mapped: Mapped | None = None) -> Reading:
    """Read a list, its columns `mapped` to ours; nothing in it is too broken for an answer."""
    found: list[Record] = []
    rows: list[ImportRow] = []
    problems: list[Problem] = []
    try:
        found += _merged(records(content, kind, mapped))
    except UnreadableError as error:
        return Reading((), (error.problem,), 1)
    for record in found:
        row = None if record.problems else _row(record, source)
        if row is not None:
            rows.append(row)
        problems += record.problems
    return Reading(tuple(rows), tuple(sorted(problems)), len(found) - len(rows))


def _merged(found: Iterable[Record]) -> Iterable[Record]:
    """Put the entries of further records with the same key to the first one's."""
    by_key: dict[str, Record] = {}
    for record in found:
        key = str(record.values.get("external_key", "")).strip()
        first = by_key.setdefault(key, record) if key else by_key.setdefault(f"\0{record.line}", record)
        if first is not record:
            _add(first, record)
    return by_key.values()


def _add(first: Record, further: Record) -> None:
    first.problems += further.problems
    for name, value in further.values.items():
        if name not in _MERGED and value not in (first.values.get(name), ""):
            message = f"differs from line {first.line}, where this organisation begins; make both equal"
            first.problems.append(Problem(*further.place((name,)), message))
    for side, lines in first.entry_lines.items():
        entries = further.values.get(side, [])
        if not isinstance(entries, list):
            first.problems.append(Problem(*further.place((side,)), "write a list"))
        elif isinstance(first.values.setdefault(side, []), list):
            first.values[side] = [*first.values[side], *entries]
            lines.extend(further.entry_lines[side])


def _row(record: Record, source: Source) -> ImportRow | None:
    """Return the command of a record; None if something is wrong, which the record then knows."""
    try:
        row = Row.model_validate({"clusters": [source.cluster], **record.values})
    except ValidationError as error:
        record.problems += [Problem(*record.place(one["loc"]), explain(one)) for one in error.errors()]
        return None
    _check_clusters(record, row, source)
    needs = _entries(record, row, "need", source)
    offers = _entries(record, row, "offer", source)
    if record.problems:
        return None
    description = Description(**{name: getattr(row, name) for name in Description.model_fields})
    consents = None if row.consents is None else tuple(dict.fromkeys(row.consents))
    today = datetime.now(UTC).date()
    return ImportRow(record.line, row.external_key, Import(description, needs, offers, consents, today, source.within))


def _check_clusters(record: Record, row: Row, source: Source) -> None:
    if foreign := sorted(set(row.clusters) - source.within):
        message = f"{' and '.join(foreign)} has another manager; name your own clusters only"
        record.problems.append(Problem(*record.place(("clusters",)), message))
    outside = sorted({consent.cluster for consent in row.consents or ()} - set(row.clusters))
    if outside:
        message = f"it does not belong to {' and '.join(outside)}; add it to clusters or leave the consent out"
        record.problems.append(Problem(*record.place(("consents",)), message))


def _entries(record: Record, row: Row, side: Side, source: Source) -> tuple[tuple[UUID, EntryContent], ...]:
    """Return the entries of one side by their ids; the very same entry twice is one."""
    entries: dict[UUID, EntryContent] = {}
    many = f"{side}s"
    for place, entry in enumerate(getattr(row, many)):
        content = EntryContent(**{name: getattr(entry, name) for name in EntryContent.model_fields})
        if entries.setdefault(_entry_id(source, row, side, entry), content) != content:
            message = f"another {side} of this organisation has the same key or title; give each a key of its own"
            record.problems.append(Problem(*record.place((many, place, "key" if entry.key else "title")), message))
    return tuple(entries.items())


def _entry_id(source: Source, row: Row, side: Side, entry: RowEntry) -> UUID:
    """Return the id of an entry: a key that is one, as in what was exported, or made of the key or the title."""
    own = id_in(entry.key or "")
    return own or uuid5(_ENTRY_IDS, json.dumps([source.cluster, row.external_key, side, entry.key or entry.title]))
