"""What a cluster takes along: its organisations with needs, offers and consents, as a list to be imported again."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from openpyxl import Workbook

from services.profiles.imports.cells import quoted
from services.profiles.imports.columns import COLUMNS, ENTRY_FIELDS, KNOWN, SIDES
from services.profiles.imports.reading import Format
from services.profiles.organisations.domain import Organisation
from shared.contracts.organisations import Cluster
from shared.runtime.access import Actor
from shared.runtime.database import Pool
from shared.runtime.refusals import Forbidden

TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
}
LISTED: Final = """
    SELECT organisation.id, organisation.clusters, doc, (
        SELECT min(key) FROM external_key WHERE source = $1 AND organisation_id = organisation.id
    ) AS key
    FROM organisation WHERE $1 = ANY(clusters) ORDER BY lower(name), id
"""
_NUMBERS: Final = frozenset({"latitude", "longitude"})


@dataclass(frozen=True)
class Listed:
    """An organisation as it stands in the store, with its key in the list and the clusters that are told."""

    key: str
    clusters: Sequence[Cluster]
    organisation: Organisation


async def listed(pool: Pool, actor: Actor, cluster: Cluster) -> list[Listed]:
    """Return the organisations of a cluster; one that no list brought has its id for a key.

    Raises:
        Forbidden: it is the cluster of others.
    """
    if cluster not in actor.clusters:
        raise Forbidden("You can export your own clusters only.")
    rows = await pool.fetch(LISTED, cluster)
    return [
        _listed(row["id"], row["key"], [one for one in row["clusters"] if one in actor.clusters], row["doc"])
        for row in rows
    ]


def _listed(organisation_id: UUID, key: str | None, clusters: Sequence[Cluster], doc: str) -> Listed:
    return Listed(key or str(organisation_id), clusters, Organisation.model_validate_json(doc))


def exported(found: Iterable[Listed], kind: Format) -> bytes:
    """Return a list as a file."""
    if kind == "jsonl":
        return "".join(f"{json.dumps(_object(one), ensure_ascii=False)}\n" for one in found).encode()
    rows = [list(KNOWN), *(row for one in found for row in _rows(one))]
    return _csv(rows) if kind == "csv" else _xlsx(rows)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    table = io.StringIO(newline="")
    csv.writer(table, delimiter=";").writerows(rows)
    # The mark in front tells spreadsheets that this is UTF-8.
    return f"\ufeff{table.getvalue()}".encode()


def _xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Organisations")
    sheet.freeze_panes = "C2"
    for row in rows:
        sheet.append(row)
    table = io.BytesIO()
    book.save(table)
    return table.getvalue()


def _object(one: Listed) -> dict[str, Any]:
    about = one.organisation.description.model_dump(mode="json", exclude={"clusters"}, exclude_none=True)
    return {
        "external_key": one.key,
        **about,
        "clusters": list(one.clusters),
        "consents": list(_consents(one)),
        **{many: [_entry(entry) for entry in getattr(one.organisation, many)] for many in SIDES.values()},
    }


def _entry(entry: Any) -> dict[str, Any]:
    content = entry.model_dump(mode="json", include=set(ENTRY_FIELDS), exclude_none=True)
    return {"key": str(entry.entry_id), **content}


def _consents(one: Listed) -> Iterator[str]:
    return (f"{each.cluster}:{each.purpose}" for each in one.organisation.consents if each.cluster in one.clusters)


def _rows(one: Listed) -> Iterator[list[str]]:
    """Yield the rows of an organisation: the first says all about it, each a need and an offer as long as there are."""
    whole = _object(one)
    sides = {side: whole[many] for side, many in SIDES.items()}
    for place in range(max(1, *map(len, sides.values()))):
        cells = {name: whole.get(name) for name in COLUMNS} if place == 0 else {"external_key": one.key}
        for side, entries in sides.items():
            cells |= {
                f"{side}_{name}": value for name, value in (entries[place].items() if place < len(entries) else ())
            }
        yield [_cell(name, cells.get(name)) for name in KNOWN]


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(value)
    return str(value) if name in _NUMBERS else quoted(str(value))
