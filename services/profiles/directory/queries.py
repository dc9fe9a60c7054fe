"""The search over organisations with their needs and offers: what is looked for, and where it stands.

Names and titles come first, then what is found in texts alone, each by name. Nobody finds by what they may not read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from services.profiles.directory.spelling import alike
from services.profiles.directory.texts import looked_for, phrase
from services.profiles.organisations.domain import Side
from services.profiles.organisations.queries import OrganisationView, reader, view
from shared.contracts.organisations import Cluster, EntryKind, Language, OrganisationKind, SizeClass
from shared.contracts.text import printable
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import NotFound

SEEN: Final = """
    SELECT unnest($2::text[]) UNION
    SELECT unnest(mine.clusters) FROM organisation AS mine WHERE mine.id = ANY($1::uuid[])
"""
ROWS: Final = "SELECT id, version, doc, clusters, clusters && $2::text[] AS shared FROM organisation WHERE id = ANY($1)"

_AT_FIRST: Final = 500
"""Organisations that a search in texts begins with. What many say is found among these at once; what few say the index
finds, and sorting those few costs nothing. Which it is, Postgres would guess, and for long texts it guesses wrong."""
RESET: Final = "SELECT set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'on', true)"
# Set where the index is to be used: local to the transaction.
BY_INDEX: Final = "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true)"

_HITS: Final = 3
"""Needs and offers that are shown of an organisation; its own page has all."""

Search = Annotated[str, Field(max_length=200), AfterValidator(printable)]
Limit = Annotated[int, Field(ge=1, le=100)]


class Wanted(BaseModel):
    """What somebody looks for; what is left out or empty does not limit it.

    `q`: words that all have to be said, also within others. `side` and `entry_kind`: in needs or offers, in such ones.
    `region`: a NUTS code or how it begins. `close`: words that are spelled alike do as well. `waiting`: those that
    asked to join a cluster that one manages. `after`: behind that organisation.
    """

    q: Search = ""
    kind: OrganisationKind | None = None
    size: SizeClass | None = None
    cluster: Cluster | None = None
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9A-Z]{0,3}$")] | None = None
    side: Side | None = None
    entry_kind: EntryKind | None = None
    waiting: bool = False
    close: bool = False
    after: UUID | None = None
    limit: Limit = 50

    @model_validator(mode="before")
    @classmethod
    def _empty_is_left_out(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value != ""} if isinstance(given, dict) else given


class Hit(BaseModel):
    """A need or an offer that fits, and the phrase of its text where it says what was looked for."""

    side: Side
    entry_id: UUID
    kind: EntryKind
    title: str
    phrase: str
    language: Language


class Entry(BaseModel):
    """An organisation that fits, why, and of its summary the phrase that says so."""

    organisation: OrganisationView
    phrase: str
    hits: tuple[Hit, ...]


class DirectoryPage(BaseModel):
    """A page of organisations; `next` is the `after` of the following page.

    `close`: nobody says exactly what was looked for, and these come close. `terms`: what was found instead, folded.
    """

    items: list[Entry]
    next: UUID | None = None
    close: bool = False
    terms: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Query:
    """A search in the making: what was asked, for each word the terms that do, and the reader's clusters."""

    wanted: Wanted
    terms: Sequence[Sequence[str]]
    clusters: Sequence[Cluster]
    managed: Sequence[Cluster]


async def search(pool: Pool, actor: Actor, wanted: Wanted) -> DirectoryPage:
    """Return the organisations that fit; where none says what is looked for, those that say what is spelled alike.

    Raises:
        NotFound: there is no organisation `after`.
    """
    words = looked_for(wanted.q)
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        clusters = [row[0] for row in await connection.fetch(SEEN, *reader(actor))]
        managed = sorted(actor.clusters) if actor.role == "manager" else []
        query = _Query(wanted, [[word] for word in words], clusters, managed)
        ids = [] if wanted.close else await _ids(connection, query)
        close = wanted.close or bool(words and not ids and not wanted.after)
        if close:
            query = _Query(wanted, await alike(connection, words), clusters, managed)
            ids = await _ids(connection, query)
        rows = {row["id"]: row for row in await connection.fetch(ROWS, ids[: wanted.limit], clusters)}
    terms = tuple(term for each in query.terms for term in each)
    items = [_found(view(rows[one], actor), wanted, terms) for one in ids[: wanted.limit]]
    last = items[-1].organisation.id if len(ids) > wanted.limit else None
    return DirectoryPage(items=items, next=last, close=close and bool(items), terms=terms)


async def _ids(connection: Connection, query: _Query) -> list[UUID]:
    """Return one more than wanted, if there are: those whose names and titles say it, then those whose texts do."""
    wanted, found = query.wanted, list[UUID]()
    last = await _last(connection, query)
    titles = [] if wanted.side or wanted.entry_kind else list(_titles(query))
    if titles and (last is None or last["titled"]):
        found = await _fetch(connection, query, titles, last, wanted.limit + 1)
        last = None
    if len(found) > wanted.limit or not (texts := list(_texts(query))):
        return found if titles else await _fetch(connection, query, [], last, wanted.limit + 1)
    if titles:
        texts.append(_none_of(titles))
    room = wanted.limit + 1 - len(found)
    among = _AT_FIRST * (4 if wanted.side or wanted.entry_kind else 1)
    first = await _fetch(connection, query, texts, last, room, among=among)
    if len(first) < room:
        await connection.execute(BY_INDEX)
        first = await _fetch(connection, query, texts, last, room, sort=True)
        await connection.execute(RESET)
    return found + first


async def _last(connection: Connection, query: _Query) -> Any:
    """Return where the page before ended, None for the first one."""
    if query.wanted.after is None:
        return None
    titled, values = _placed([*_titles(query), ("TRUE",)], [query.wanted.after])
    sql = f"SELECT id, lower(name) AS name, {titled} AS titled FROM organisation WHERE id = $1"  # noqa: S608 - ours
    row = await connection.fetchrow(sql, *values)
    if row is None:
        raise NotFound("organisation")
    return row


_Condition = tuple[Any, ...]
"""SQL with a pair of braces for each of the values behind it."""


async def _fetch(
    connection: Connection,
    query: _Query,
    conditions: Sequence[_Condition],
    last: Any,
    limit: int,
    *,
    among: int | None = None,
    sort: bool = False,
) -> list[UUID]:
    """Return the ids of what meets the conditions, by name.

    `among`: look at so many alone, by name as well. `sort`: find all of them first.
    """
    filters = [*_filters(query), *([("(lower(name), id) > ({}, {})", last["name"], last["id"])] if last else [])]
    allowed, values = _placed([*filters, ("TRUE",)], [])
    said, values = _placed([*conditions, ("TRUE",)], values)
    by_name = "ORDER BY lower(name), id LIMIT"
    if among:
        source = f"(SELECT * FROM organisation WHERE {allowed} {by_name} {among}) AS few WHERE {said}"  # noqa: S608
    elif sort:
        source = f"(SELECT id, name FROM organisation WHERE {allowed} AND {said} OFFSET 0) AS found"  # noqa: S608
    else:
        source = f"organisation WHERE {allowed} AND {said}"
    rows = await connection.fetch(f"SELECT id FROM {source} {by_name} {limit}", *values)  # noqa: S608
    return [row["id"] for row in rows]


def _placed(conditions: Sequence[_Condition], values: Sequence[Any]) -> tuple[str, list[Any]]:
    """Return the conditions as one, and all values."""
    sql, all_values = [], list(values)
    for condition, *of in conditions:
        sql.append(condition.format(*(f"${len(all_values) + place}" for place in range(1, len(of) + 1))))
        all_values += of
    return " AND ".join(sql), all_values


def _filters(query: _Query) -> Iterator[_Condition]:
    wanted = query.wanted
    if wanted.kind:
        yield "kind = {}", wanted.kind
    if wanted.size:
        yield "size = {}", wanted.size
    if wanted.region:
        yield "starts_with(region, {})", wanted.region
    if wanted.cluster:
        yield "{} = ANY(clusters)", wanted.cluster
    if wanted.waiting:
        yield "unverified && {}::text[]", query.managed


def _titles(query: _Query) -> Iterator[_Condition]:
    for terms in query.terms:
        yield "called LIKE ANY({}::text[])", [_like(term) for term in terms]


def _texts(query: _Query) -> Iterator[_Condition]:
    mark, line = _line(query.wanted)
    for terms in query.terms or ([[""]] if line else []):
        # What is for clusters may say one word and what is for all another, so each may stand in either.
        said, parts = "{said} LIKE ANY({{}}::text[])", list[Any]([[_like(term) for term in terms]])
        if line:  # looked at only where the words stand at all: it takes ten times as long
            said += " AND {said} LIKE {{}} AND ({said} ~ {{}}) IS TRUE"
            parts += [mark, f"(?n)^{line} .*({'|'.join(map(re.escape, terms))})"]
        either = f"({said.format(said='words')} OR clusters && {{}}::text[] AND {said.format(said='words_within')})"
        yield either, *parts, query.clusters, *parts


def _line(wanted: Wanted) -> tuple[str, str]:
    """Return what the lines of the needs and offers that are wanted begin with: for LIKE, and as a regular expression.

    Both are empty if anything is wanted.
    """
    if not (wanted.side or wanted.entry_kind):
        return "", ""
    side, kind = (wanted.side or "").upper(), (wanted.entry_kind or "").upper()
    return f"%{side} {kind}%", f"{side or '(NEED|OFFER)'} {kind or '[A-Z]+'}"


def _like(term: str) -> str:
    """Return the pattern of a term: within words, if it is short where they begin."""
    escaped = re.sub(r"([\\%_])", r"\\\1", term)
    return f"%{escaped}%" if len(term) > 2 else f"% {escaped}%"  # noqa: PLR2004 - letters


def _none_of(conditions: Sequence[_Condition]) -> _Condition:
    return f"NOT ({' AND '.join(sql for sql, *_ in conditions)})", *(one for _, *of in conditions for one in of)


def _found(organisation: OrganisationView, wanted: Wanted, terms: Sequence[str]) -> Entry:
    about = organisation.description
    texts = (about.summary, about.summary_en)
    said = next((part for text in texts if text and (part := phrase(text, terms))), "") if terms else ""
    return Entry(organisation=organisation, phrase=said, hits=tuple(islice(_hits(organisation, wanted, terms), _HITS)))


def _hits(organisation: OrganisationView, wanted: Wanted, terms: Sequence[str]) -> Iterator[Hit]:
    """Yield the needs and offers that say what is looked for; if nothing is, those of the kind that is wanted."""
    if not (terms or wanted.side or wanted.entry_kind):
        return
    sides: tuple[tuple[Side, Any], ...] = (("need", organisation.needs), ("offer", organisation.offers))
    for side, entries in sides:
        for entry in entries if wanted.side in (None, side) else ():
            if wanted.entry_kind not in (None, entry.kind):
                continue
            said = phrase(entry.text, terms)
            if said or not terms or phrase(entry.title, terms):
                yield Hit(side=side, phrase=said, **entry.model_dump(include={"entry_id", "kind", "title", "language"}))
