"""Texts that nobody else writes, in every field that takes one; and a look through all that a database holds."""

import re
from typing import Any, Final
from uuid import UUID, uuid4

import httpx

from services.profiles.personal_links import key_of
from shared.runtime.database import Connection, Pool

CANARY: Final = "kanarienvogel"
NUMBER: Final = "+49 89 4711 0815"

INVITED = """
    SELECT invitation.id, survey.salt FROM survey_invitation AS invitation JOIN survey ON survey.id = survey_id
    WHERE organisation_id = $1
"""
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"


def said(n: int) -> str:
    """Return a text with a canary in it."""
    return f"{CANARY} {n}"


async def write_everywhere(anna: httpx.AsyncClient, organisation_id: UUID) -> dict[str, str]:
    """Let Anna write a canary into every field of every form, and change each once; return the ids of her ideas."""
    own = f"/profiles/api/organisations/{organisation_id}"
    for n in (1, 2):
        about: dict[str, Any] = {"name": said(n), "kind": "company", "clusters": ["chemistry"], "summary": said(n)}
        about |= {"summary_en": said(n), "place": said(n)}
        (await anna.put(f"{own}/description", json=about | {"web": f"https://{CANARY}{n}.example"})).raise_for_status()
        contact = {"name": said(n), "email": f"{CANARY}{n}@alga.example", "phone": NUMBER}
        (await anna.put(f"{own}/contact", json=contact)).raise_for_status()
    for side in ("needs", "offers"):
        entry = {"kind": "technology", "title": said(3), "text": said(3), "language": "en"}
        place = (await anna.post(f"{own}/{side}", json=entry)).json()["id"]
        (await anna.put(f"{own}/{side}/{place}", json=entry | {"text": said(4)})).raise_for_status()
        dropped = (await anna.post(f"{own}/{side}", json=entry)).json()["id"]
        (await anna.delete(f"{own}/{side}/{dropped}")).raise_for_status()
    flow = {"direction": "out", "substance": said(5), "tonnes_per_year": 1, "note": said(5)}
    place = (await anna.post(f"{own}/flows", json=flow)).json()["id"]
    (await anna.put(f"{own}/flows/{place}", json=flow | {"note": said(6)})).raise_for_status()
    dropped = (await anna.post(f"{own}/flows", json=flow)).json()["id"]
    (await anna.delete(f"{own}/flows/{dropped}")).raise_for_status()
    ideas = {}
    for visibility in ("public", "clusters", "anonymous"):
        content = {"title": said(5), "text": said(5), "language": "en", "tags": [said(6)], "visibility": visibility}
        new = await anna.post("/profiles/api/ideas", json=content | {"organisation_id": str(organisation_id)})
        ideas[visibility] = new.json()["id"]
        changed = content | {"title": said(7)}
        (await anna.put(f"/profiles/api/ideas/{ideas[visibility]}", json=changed)).raise_for_status()
    return ideas


async def respond(people: tuple[httpx.AsyncClient, httpx.AsyncClient], own: tuple[UUID, UUID], idea_id: str) -> None:
    """Let Ben comment on Anna's idea, follow and join it, and Anna comment on one of Ben's and join it."""
    (anna, ben), (alga, bora) = people, own
    content = {"organisation_id": str(bora), "title": "Theirs", "text": "That stays", "language": "en"}
    theirs = (await ben.post("/profiles/api/ideas", json=content)).json()["id"]
    for who, organisation, one in ((ben, bora, idea_id), (anna, alga, theirs)):
        place = f"/profiles/api/ideas/{one}"
        for n in (8, 9):
            comment = {"organisation_id": str(organisation), "text": said(n)}
            new = await who.post(f"{place}/comments", json=comment)
            changed = {"text": said(n + 2)}
            (await who.put(f"{place}/comments/{new.json()['id']}", json=changed)).raise_for_status()
        (await who.delete(f"{place}/comments/{new.json()['id']}")).raise_for_status()
        (await who.put(f"{place}/interest/{organisation}")).raise_for_status()
        (await who.put(f"{place}/follow")).raise_for_status()


async def report(people: tuple[httpx.AsyncClient, ...], idea_id: str) -> None:
    """Let people report an idea. They are signed in: no program does that."""
    for who in people:
        what = {"idea_id": idea_id, "reason": "other", "text": said(12)}
        (await who.post("/profiles/api/reports", json=what)).raise_for_status()


async def settle_one(manager: httpx.AsyncClient) -> None:
    """Let a manager look at what was reported first, and note what was done."""
    [thing, *_] = (await manager.get("/profiles/api/reports")).json()
    place = f"/profiles/api/reports/{thing['reports'][0]['id']}/settle"
    (await manager.post(place, json={"outcome": "nothing_wrong", "note": said(15)})).raise_for_status()


async def send_list(manager: httpx.AsyncClient) -> None:
    """Let a manager send a list, and not import it yet."""
    content = f"external_key;name;kind;summary\n1;{said(13)};company;{said(13)}\n".encode()
    files = {"file": (f"{said(13)}.csv", content)}
    answer = await manager.post("/profiles/imports", data={"cluster": "chemistry"}, files=files)
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text


async def answer_survey(
    manager: httpx.AsyncClient, guest: httpx.AsyncClient, profiles: Pool | Connection, asked: UUID
) -> None:
    """Let a manager ask, who has the link answer, and the manager make a need of it."""
    surveys = "/profiles/api/surveys"
    survey = {"title": "Startups", "text": "What could you gain?", "language": "en", "cluster": "chemistry"}
    place = f"{surveys}/{(await manager.post(surveys, json=survey)).json()['id']}"
    (await manager.post(f"{place}/questions", json={"kind": "text", "text": "What?"})).raise_for_status()
    (await manager.post(f"{place}/open")).raise_for_status()
    [question] = (await manager.get(place)).json()["survey"]["questions"]
    [invitation] = await profiles.fetch(INVITED, asked)
    form = {"key": key_of(invitation["salt"], invitation["id"]), question["question_id"]: said(14)}
    headers = {"Origin": str(guest.base_url).rstrip("/")}
    (await guest.post("/profiles/surveys/answer", data=form, headers=headers)).raise_for_status()
    (await manager.post(f"{place}/needs/{invitation['id']}/{question['question_id']}")).raise_for_status()


async def put_aside(pool: Pool) -> None:
    """Park what is to be sent once more, as if the broker had refused it."""
    await pool.execute("""
        INSERT INTO parked (subscription, topic, partition, "offset", key, value, reason)
        SELECT 'outbox', topic, 0, position, convert_to(key::text, 'UTF8'), value, 'refused' FROM outbox
    """)


async def found_in(pool: Pool, text: str = CANARY) -> list[str]:
    """Return the tables that hold a text anywhere, in whatever column and also in bytes."""
    found = []
    for row in await pool.fetch(TABLES):
        table = row["table_name"]
        for one in await pool.fetch(f'SELECT * FROM "{table}"'):
            if any(_holds(value, text) for value in one.values()):
                found.append(table)
                break
    return sorted(found)


def _holds(value: Any, text: str) -> bool:
    plain = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return re.search(re.escape(text), plain, re.IGNORECASE) is not None


def key() -> dict[str, str]:
    """Return the header that makes a command idempotent."""
    return {"Idempotency-Key": str(uuid4())}
