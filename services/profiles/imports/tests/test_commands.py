import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.profiles.imports import commands
from services.profiles.imports.commands import Order, Report
from services.profiles.imports.rows import Source, read
from services.profiles.organisations.commands import ORGANISATION
from services.profiles.organisations.domain import Describe, GiveConsent, WithdrawConsent
from services.profiles.tests.examples import CAUSE, description
from services.profiles.tests.reading import outbox
from shared.contracts.organisations import Cluster, Consent
from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool
from shared.runtime.publication import Cause

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P7")]

MANAGER = Cause("mia", "manager", uuid4(), uuid4())


def row(key: str = "1", **more: Any) -> dict[str, Any]:
    return {"external_key": key, "name": f"Firm {key}", "kind": "company", **more}


def need(title: str, text: str = "Text") -> dict[str, Any]:
    return {"kind": "technology", "title": title, "text": text}


async def bring(pool: Pool, *rows: Any, cluster: Cluster = "chemistry", **order: Any) -> Report:
    source = Source(cluster, frozenset({cluster}))
    content = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in rows).encode()
    return await commands.run(Commands(pool), read(content, "jsonl", source), Order(source, MANAGER, **order))


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.invalid


async def test_creates_then_leaves_unchanged_then_changes(pool: Pool) -> None:
    rows = [row(str(n), needs=[need("A"), need("B")], consents=["chemistry:matching_inside"]) for n in range(60)]
    assert counts(await bring(pool, *rows)) == (60, 0, 0, 0)
    published = await outbox(pool)
    assert len(published) == 60
    assert counts(await bring(pool, *rows)) == (0, 0, 60, 0)
    assert await outbox(pool) == published
    rows[7] |= {"needs": [need("A", "Changed"), need("C")]}
    assert counts(await bring(pool, *rows)) == (0, 1, 59, 0)
    last = (await outbox(pool))[-1].data
    assert {(one.title, one.text, one.version) for one in last.needs} == {("A", "Changed", 2), ("C", "Text", 1)}
    assert last.changes == ("needs",)
    assert last.version == 2


@pytest.mark.covers("P5")
async def test_it_is_recorded_who_imported(pool: Pool) -> None:
    await bring(pool, row())
    assert [tuple(one) for one in await pool.fetch("SELECT DISTINCT actor, actor_kind FROM event")] == [
        ("mia", "manager")
    ]
    assert (await outbox(pool))[0].actorkind == "manager"


async def test_the_same_key_of_two_lists_is_two_organisations(pool: Pool) -> None:
    await bring(pool, row())
    assert counts(await bring(pool, row(), cluster="environment")) == (1, 0, 0, 0)
    assert await pool.fetchval("SELECT count(*) FROM organisation") == 2


async def test_with_one_error_nothing_is_imported(pool: Pool) -> None:
    report = await bring(pool, row("1"), row("2", kind="firm"))
    assert (report.imported, report.invalid) == (False, 1)
    assert await pool.fetchval("SELECT count(*) FROM event") == 0
    assert await pool.fetchval("SELECT count(*) FROM external_key") == 0


async def test_skips_what_is_wrong_when_told_so(pool: Pool) -> None:
    report = await bring(pool, row("1"), row("2", kind="firm"), skip_invalid=True)
    assert (report.imported, *counts(report)) == (True, 1, 0, 0, 1)


async def test_a_dry_run_writes_nothing(pool: Pool) -> None:
    await bring(pool, row("1"), row("2"))
    before = await pool.fetchval("SELECT count(*) FROM event")
    report = await bring(pool, row("1"), row("2", summary="New"), row("3"), row("4", kind="firm"), dry_run=True)
    assert (report.imported, *counts(report)) == (False, 1, 1, 1, 1)
    assert await pool.fetchval("SELECT count(*) FROM event") == before
    assert await pool.fetchval("SELECT count(*) FROM external_key") == 2


async def test_one_too_large_to_publish_is_an_error_of_its_line(pool: Pool) -> None:
    large = row("2", needs=[need(str(number), "x" * 7_900) for number in range(40)])
    report = await bring(pool, row("1"), large)
    assert (report.imported, report.invalid) == (False, 1)
    assert report.problems[0].line == 2
    assert "limit" in report.problems[0].message


async def test_two_imports_of_one_list_at_once(pool: Pool) -> None:
    rows = [row(str(number), needs=[need("A")]) for number in range(200)]
    reports = await asyncio.gather(*(bring(pool, *order) for order in (rows, rows[::-1], rows)))
    assert sum(report.created for report in reports) == 200
    assert [report.created + report.unchanged for report in reports] == [200] * 3
    assert await pool.fetchval("SELECT count(*) FROM organisation") == 200
    assert await pool.fetchval("SELECT count(*) FROM external_key") == 200
    assert await pool.fetchval("SELECT max(version) FROM event") == 2
    assert len(await outbox(pool)) == 200


async def test_an_organisation_that_left_the_cluster_is_not_overwritten(pool: Pool) -> None:
    await bring(pool, row())
    [organisation_id] = [one["id"] for one in await pool.fetch("SELECT id FROM organisation")]
    moved = Describe(description("Moved", "environment"))
    await Commands(pool).handle(ORGANISATION, organisation_id, moved, Request(CAUSE))
    report = await bring(pool, row())
    assert counts(report) == (0, 0, 0, 1)
    assert "environment" in report.problems[0].message


@pytest.mark.covers("P6")
async def test_an_old_list_gives_no_consent_again(pool: Pool) -> None:
    listed = row(consents="chemistry:matching_inside")
    await bring(pool, listed)
    [organisation_id] = [one["id"] for one in await pool.fetch("SELECT id FROM organisation")]
    consent = Consent(cluster="chemistry", purpose="matching_inside")
    await Commands(pool).handle(ORGANISATION, organisation_id, WithdrawConsent(consent), Request(CAUSE))
    assert counts(await bring(pool, listed)) == (0, 0, 1, 0)
    await Commands(pool).handle(ORGANISATION, organisation_id, GiveConsent(consent), Request(CAUSE))
    assert counts(await bring(pool, listed)) == (0, 0, 1, 0)


_LINE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30)
_ENTRY = st.fixed_dictionaries(
    {"kind": st.sampled_from(["technology", "pilot"]), "title": _LINE, "text": _LINE},
    optional={"trl": st.integers(1, 9), "key": _LINE, "language": st.sampled_from(["de", "en"])},
)
_ROW = st.fixed_dictionaries(
    {"external_key": _LINE, "name": _LINE, "kind": st.sampled_from(["company", "startup"])},
    optional={
        "summary": _LINE,
        "country": st.sampled_from(["DE", "AT"]),
        "consents": st.lists(st.sampled_from(["chemistry:matching_inside", "chemistry:matching_across"])),
        "needs": st.lists(_ENTRY, max_size=3),
        "offers": st.lists(_ENTRY, max_size=3),
    },
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=st.lists(_ROW, max_size=4))
async def test_any_list_brought_twice_changes_nothing_the_second_time(pool: Pool, rows: list[dict[str, Any]]) -> None:
    await pool.execute("TRUNCATE event, organisation, external_key, publication, outbox")
    first = await bring(pool, *rows, skip_invalid=True)
    published = await pool.fetchval("SELECT count(*) FROM outbox")
    second = await bring(pool, *rows, skip_invalid=True)
    assert counts(second) == (0, 0, first.created, first.invalid)
    assert published == first.created == await pool.fetchval("SELECT count(*) FROM outbox")
