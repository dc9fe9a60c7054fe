"""Real organisations and real texts: for most ideas proposals come out, and often to who really took part."""

import asyncio
import json
import os
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import httpx
import pytest

from deploy.local.kinds import Kind
from deploy.local.ports import free_port
from deploy.local.stack import Stack
from tests.end_to_end.community import Community
from tests.end_to_end.ledger import check, fetch, settled
from tests.end_to_end.topics import newest, read_topic
from tests.real_input.cordis import Project, Split, german_ideas, split

pytestmark = [pytest.mark.realdata, pytest.mark.kafka, pytest.mark.postgres]

CONSENT = "environment:matching_inside"


@pytest.fixture(scope="module")
def real() -> Split:
    return split()


@pytest.fixture(scope="module")
async def stack(real: Split, server_kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    assert real.ideas
    async with Stack(tmp_path_factory.mktemp("stack"), port=free_port(), partitions=3, kind=server_kind) as running:
        await running.access.open_staff()
        yield running


async def test_real_ideas_reach_organisations_that_really_took_part(
    real: Split, stack: Stack, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    german = german_ideas()
    posted = [*real.ideas, *german]
    rows = [_organisation(key, real.names[key], projects) for key, projects in real.offers.items()]
    rows += [_organisation(_outsider(number), f"Beispiel {number}", ()) for number in range(len(posted))]
    file = tmp_path / "organisations.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    await _import(stack, file)
    ids = {row["key"]: str(row["organisation_id"]) for row in await fetch(stack, "profiles", "TABLE external_key")}
    await settled(stack, seconds=400)

    headers = {"Authorization": f"Bearer {stack.token('manager')}"}
    async with httpx.AsyncClient(base_url=stack.address, headers=headers, timeout=30) as client:
        community = Community(client, acknowledged=set(ids.values()))
        for number, idea in enumerate(posted):
            if number == len(real.ideas):
                await settled(stack, seconds=400)
            language = "en" if number < len(real.ideas) else "de"
            await community.post(ids[_outsider(number)], idea.title, idea.text, language=language)
    await settled(stack, seconds=400)
    await check(stack, community)

    proposed = await _proposed(stack)
    found = [proposed[ids[_outsider(number)]] for number in range(len(posted))]
    true = [{ids[key] for key in idea.organisations if key in ids} for idea in posted]
    answered = [bool(each) for each in found]
    hits = [bool(each & truth) for each, truth in zip(found, true, strict=True)]
    english = len(real.ideas)
    record_property("ideas_with_proposals", sum(answered[:english]))
    record_property("ideas_with_a_true_partner", sum(hits[:english]))
    record_property("german_ideas", len(german))
    record_property("german_ideas_with_proposals", sum(answered[english:]))
    record_property("german_ideas_with_a_true_partner", sum(hits[english:]))
    assert english == 50
    assert sum(answered[:english]) >= 40
    assert sum(hits[:english]) >= 10


def _organisation(key: str, name: str, projects: Sequence[Project]) -> dict[str, object]:
    return {
        "external_key": key,
        "name": name,
        "kind": "research",
        "consents": [CONSENT],
        "offers": [
            {"key": each.id, "kind": "research", "title": each.title, "text": each.text, "language": "en"}
            for each in projects
        ],
    }


def _outsider(number: int) -> str:
    return f"outsider-{number}"


async def _import(stack: Stack, file: Path) -> None:
    arguments = ("-m", "services.profiles", "import", str(file), "--as-manager", "tests", "--cluster", "environment")
    environment = {
        "POSTGRES_DSN": stack.servers.dsn("profiles"),
        "KAFKA_BOOTSTRAP": stack.servers.bootstrap,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments), env=os.environ | environment, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()


async def _proposed(stack: Stack) -> dict[str, set[str]]:
    """Return by seeking organisation to whom it was proposed, as the topics alone tell."""
    matches = newest(await read_topic(stack.servers.bootstrap, "matching.matches.v1"))
    parties = newest(await read_topic(stack.servers.bootstrap, "matching.parties.v1"))
    proposed: dict[str, set[str]] = defaultdict(set)
    for key, match in matches.items():
        assert match.data["anchor"]["kind"] == "idea"
        assert all(reasons["because"] for reasons in match.data["reasons"])
        organisations = {each["party"]: each["organisation_id"] for each in parties[key].data["parties"]}
        seeker, other = (organisations[side["party"]] for side in match.data["sides"])
        proposed[seeker].add(other)
    return proposed
