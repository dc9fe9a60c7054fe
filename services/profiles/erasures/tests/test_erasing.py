"""Erasing as people do it, on a real Postgres: what is looked for afterwards is every text of every form."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.profiles.accounts.commands import ACCOUNT, Who, open_account
from services.profiles.accounts.domain import Grant
from services.profiles.erasures.cli import erase_list
from services.profiles.erasures.kept import keep_list, kept
from services.profiles.erasures.tests.canaries import (
    CANARY,
    NUMBER,
    answer_survey,
    found_in,
    key,
    put_aside,
    report,
    respond,
    send_list,
    settle_one,
)
from services.profiles.erasures.tests.canaries import write_everywhere as write_canaries
from services.profiles.ideas.commands import IDEA
from services.profiles.ideas.domain import Erased as ErasedIdea
from services.profiles.organisations.commands import ORGANISATION
from services.profiles.organisations.domain import Erased
from services.profiles.tests.examples import ALGA, BORA, CAUSE, described
from services.profiles.tests.reading import outbox
from shared.contracts.contacts import ContactErased
from shared.contracts.ideas import IdeaErased, IdeaOwnerErased
from shared.contracts.organisations import ProfileErased
from shared.runtime import store
from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P16")]

OWN = f"/profiles/api/organisations/{ALGA}"
ERASURES = "/profiles/api/erasures"
WHOLE = {"kind": "organisation", "id": str(ALGA)}


async def erase(profiles: ServiceClient, wish: dict[str, str], who: str = "anna") -> Any:
    return await profiles.signed_in(who).post(ERASURES, json=wish, headers=key())


async def write_everywhere(profiles: ServiceClient) -> dict[str, str]:
    ideas = await write_canaries(profiles.acting_as("anna"), ALGA)
    await put_aside(profiles.pool)
    return ideas


async def open_accounts(pool: Pool) -> dict[str, UUID]:
    commands, members = Commands(pool), {"alone": (ALGA,), "both": (ALGA, BORA)}
    return {
        name: (
            await open_account(
                commands,
                Request(CAUSE),
                Who(email=f"{name}.{CANARY}@example.org"),
                Grant(role="member", organisations=organisations),
            )
        ).id
        for name, organisations in members.items()
    }


async def test_nothing_that_was_written_is_left_anywhere(profiles: ServiceClient) -> None:
    ideas, accounts = await write_everywhere(profiles), await open_accounts(profiles.pool)
    await respond((profiles.acting_as("anna"), profiles.acting_as("ben")), (ALGA, BORA), ideas["public"])
    theirs = str(await profiles.pool.fetchval("SELECT id FROM idea WHERE organisation_id = $1", BORA))
    await report((profiles.signed_in("anna"),), theirs)
    await report((profiles.signed_in("ben"), profiles.signed_in("ole")), ideas["public"])
    mia = profiles.acting_as("mia")
    await settle_one(mia)
    await answer_survey(mia, profiles.anonymous, profiles.pool, ALGA)
    await send_list(mia)
    before = await found_in(profiles.pool)
    assert set(before) >= {
        *(
            "event",
            "publication",
            "outbox",
            "parked",
            "organisation",
            "idea",
            "comment",
            "contact",
            "account",
            "report",
            "survey_invitation",
            "upload",
        ),
    }

    answer = await erase(profiles, WHOLE)
    assert answer.status_code == 201
    await profiles.pool.execute("DELETE FROM account WHERE id = $1", accounts["both"])  # who acts for others as well
    assert await found_in(profiles.pool) == []
    assert await found_in(profiles.pool, NUMBER) == []

    assert await profiles.pool.fetchval("SELECT count(*) FROM comment") == 0
    assert await profiles.pool.fetchval("SELECT count(*) FROM interest") == 0
    assert await profiles.pool.fetch("SELECT joined FROM idea") == [(0,)]
    anna = profiles.acting_as("ben")
    assert (await anna.get(OWN)).status_code == 404
    for idea in ideas.values():
        assert (await anna.get(f"/profiles/api/ideas/{idea}")).status_code == 404


async def test_the_receipt_counts_and_names_no_one(profiles: ServiceClient) -> None:
    await write_everywhere(profiles)
    await open_accounts(profiles.pool)
    answer = await erase(profiles, WHOLE)
    receipt = await profiles.anonymous.get(answer.headers["Location"])
    assert receipt.json()["erased"] == {"organisation": 1, "idea": 3, "contact": 1, "account": 1}
    assert receipt.json()["texts"] > 20
    page = await profiles.anonymous.get(f"/profiles/receipts/{answer.json()['id']}")
    assert page.status_code == 200
    assert CANARY not in page.text


async def test_the_end_is_the_last_word_on_every_topic(profiles: ServiceClient) -> None:
    ideas = await write_everywhere(profiles)
    told = {(one.topic, one.subject): one.data.version for one in await outbox(profiles.pool)}
    await erase(profiles, WHOLE)
    ends = [one for one in await outbox(profiles.pool) if one.topic != "profiles.access.v1"]
    assert {type(one) for one in ends} == {ProfileErased, IdeaErased, IdeaOwnerErased, ContactErased}
    assert {one.subject for one in ends if isinstance(one, IdeaErased)} == {UUID(one) for one in ideas.values()}
    for one in ends:
        assert one.data.version > told[one.topic, one.subject]
        last = await profiles.pool.fetchval(
            "SELECT record FROM publication WHERE topic = $1 AND key = $2", one.topic, one.subject
        )
        assert type(one).model_validate_json(last) == one


async def test_the_log_folds_to_erased(profiles: ServiceClient) -> None:
    await write_everywhere(profiles)
    await erase(profiles, WHOLE)
    states: dict[str, Any] = {}
    aggregates = {one.decider.category: one.decider for one in (ORGANISATION, IDEA, ACCOUNT)}
    types = tuple(event for decider in aggregates.values() for event in decider.events)
    async with profiles.pool.acquire() as connection:
        async for page in store.read_log(connection, types):
            for stored in page:
                decider = aggregates[stored.stream.partition("-")[0]]
                states[stored.stream] = decider.evolve(states.get(stored.stream, decider.initial), stored.event)
    assert states[f"organisation-{ALGA}"] == Erased()
    assert [state for name, state in states.items() if name.startswith("idea-")] == [ErasedIdea()] * 3


async def test_a_second_time_changes_nothing(profiles: ServiceClient) -> None:
    await write_everywhere(profiles)
    first = await profiles.signed_in("mia").post(ERASURES, json=WHOLE, headers={"Idempotency-Key": "once"})
    count = await profiles.pool.fetchval("SELECT count(*) FROM event")
    again = await profiles.signed_in("mia").post(ERASURES, json=WHOLE, headers={"Idempotency-Key": "once"})
    assert again.json() == first.json()
    assert (await erase(profiles, WHOLE, "mia")).status_code == 404
    assert await profiles.pool.fetchval("SELECT count(*) FROM event") == count


@pytest.mark.parametrize(
    ("who", "status"), [("ben", 403), ("eva", 403), ("ina", 403), ("mia", 201), ("ole", 201), ("anna", 201)]
)
async def test_who_may_erase_an_organisation(profiles: ServiceClient, who: str, status: int) -> None:
    assert (await erase(profiles, WHOLE, who)).status_code == status


async def test_no_program_erases(profiles: ServiceClient) -> None:
    answer = await profiles.acting_as("anna").post(ERASURES, json=WHOLE)
    assert answer.status_code == 403


async def test_an_idea_alone(profiles: ServiceClient) -> None:
    ideas = await write_everywhere(profiles)
    wish = {"kind": "idea", "id": ideas["clusters"]}
    assert (await erase(profiles, wish, "ben")).status_code == 404
    assert (await erase(profiles, wish)).status_code == 201
    anna = profiles.acting_as("anna")
    assert (await anna.get(f"/profiles/api/ideas/{ideas['clusters']}")).status_code == 404
    assert (await anna.get(f"/profiles/api/ideas/{ideas['public']}")).status_code == 200
    stored = await profiles.pool.fetch("SELECT data FROM event WHERE stream = $1", f"idea-{ideas['clusters']}")
    assert CANARY not in str(stored)
    assert (
        await anna.put(f"/profiles/api/ideas/{ideas['clusters']}", json={"title": "A", "text": "B"})
    ).status_code == 404


async def test_the_same_list_does_not_bring_it_back(profiles: ServiceClient) -> None:
    listed = f"external_key;name;kind\n{CANARY};{CANARY} GmbH;company\n"
    imports = "/profiles/api/imports?cluster=chemistry"

    async def bring() -> Any:
        return await profiles.acting_as("mia").post(imports, content=listed, headers={"Content-Type": "text/csv"})

    assert (await bring()).json()["created"] == 1
    brought = await profiles.pool.fetchval("SELECT organisation_id FROM external_key")
    await erase(profiles, {"kind": "organisation", "id": str(brought)}, "mia")
    answer = await bring()
    assert "This organisation was erased." in answer.text
    assert await found_in(profiles.pool) == []


async def test_erasing_while_others_write(profiles: ServiceClient) -> None:
    """Whoever comes first: in the end nothing is left, and nobody gets an answer that is none."""
    await write_everywhere(profiles)
    anna, mia = profiles.acting_as("anna"), profiles.acting_as("mia")

    async def write(n: int) -> int:
        about = described(f"{CANARY} {n}")
        idea = {"title": CANARY, "text": CANARY, "language": "en", "organisation_id": str(ALGA)}
        contact = {"name": f"{CANARY} {n}", "email": "a@alga.example"}
        calls = (
            lambda: anna.put(f"{OWN}/description", json=about),
            lambda: mia.post("/profiles/api/ideas", json=idea),
            lambda: anna.put(f"{OWN}/contact", json=contact),
            lambda: mia.post(f"{OWN}/needs", json={"kind": "pilot", "title": CANARY, "text": CANARY}),
        )
        answer: Any = await calls[n % 4]()
        return int(answer.status_code)

    erasing = asyncio.create_task(erase(profiles, WHOLE, "ole"))
    written = await asyncio.gather(*(write(n) for n in range(24)))
    erased = await erasing
    for n in range(24, 28):
        assert await write(n) == 404
    assert erased.status_code == 201
    assert set(written) <= {200, 201, 404, 409}
    assert await found_in(profiles.pool) == []


async def test_the_list_outside_erases_again_after_a_restore(profiles: ServiceClient, tmp_path: Path) -> None:
    await write_everywhere(profiles)
    file = tmp_path / "erasures.jsonl"
    await erase(profiles, WHOLE)
    await keep_list(profiles.pool, file)
    await keep_list(profiles.pool, file)
    assert len(file.read_text().splitlines()) == 5
    file.write_text(file.read_text() + '{"kind": "organisation", "id": "cut o')
    await keep_list(profiles.pool, file)
    assert ("organisation", ALGA) in list(kept(file))

    assert await erase_list(Commands(profiles.pool), file) == 0
    # An older store: it knows Bora alone, as if Bora had been erased after the backup.
    file.write_text(f'{{"kind": "organisation", "id": "{BORA}", "receipt": "r", "at": "t"}}\n' + file.read_text())
    assert await erase_list(Commands(profiles.pool), file) == 1
    assert (await profiles.acting_as("ben").get(f"/profiles/api/organisations/{BORA}")).status_code == 404


async def test_answers_to_surveys_go_as_well(profiles: ServiceClient) -> None:
    await profiles.pool.execute(
        "INSERT INTO survey (id, version, cluster, state, begun_at, salt, doc)"
        " VALUES ($1, 1, 'chemistry', 'open', now(), '', '{}')",
        BORA,
    )
    await profiles.pool.execute(
        "INSERT INTO survey_invitation (id, survey_id, organisation_id, mail, mail_wanted_at, answers)"
        " VALUES ($1, $2, $3, 'sent', now(), jsonb_build_object('q', $4::text))",
        *(ALGA, BORA, ALGA, CANARY),
    )
    assert await found_in(profiles.pool) == ["survey_invitation"]
    assert (await erase(profiles, WHOLE)).status_code == 201
    assert await found_in(profiles.pool) == []
