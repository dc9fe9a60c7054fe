"""Random histories of a whole service, on a real Postgres, beside a model that says what must hold after each.

Who may see what · a consent before its use, and never after its end · one answer for each personal link · a merged idea
loses no comment · nobody gets a 500. `HISTORIES=1000` tries more of them than the usual run.
"""

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, get_args
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule, run_state_machine_as_test

from services.profiles.app import SERVICE
from services.profiles.organisations.commands import ORGANISATION
from services.profiles.organisations.domain import Register
from services.profiles.personal_links import key_of
from services.profiles.surveys.domain import Question, QuestionContent, Survey, SurveyContent
from services.profiles.tests.examples import ACTORS, ALGA, BORA, CAUSE, described, description, idea
from shared.contracts.ideas import Visibility
from shared.contracts.organisations import Cluster, ProfileUpdated, Purpose
from shared.runtime.access import Actor
from shared.runtime.commands import Commands, Request
from shared.runtime.testing import ServiceClient, service_client

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P6", "P9", "P12", "P13")]

HISTORIES: Final = int(os.environ.get("HISTORIES", "40"))
STEPS: Final = 25

CETO: Final = UUID("ce70ce70-0000-4000-8000-000000000003")
"""A company of the chemistry cluster that may ask to join the other one; Cleo acts for it."""
MEMBERS: Final = {"anna": ALGA, "ben": BORA, "cleo": CETO}
MANAGERS: Final[dict[str, Cluster]] = {"mia": "chemistry", "eva": "environment"}
READERS: Final = (*MEMBERS, *MANAGERS, "ole", "ina")
PEOPLE: Final = ACTORS | {"cleo": Actor(actor="cleo", role="member", organisations=frozenset({CETO}))}

SALT: Final = b"salt"
SURVEY: Final = UUID(int=0x5E)
QUESTION: Final = UUID(int=0x0E)
MATCHING: Final = {"matching_inside", "matching_across"}
TABLES: Final = (
    *("event", "command", "publication", "outbox", "organisation", "idea", "comment", "interest", "follow", "erasure"),
    *("survey", "survey_invitation"),
)

ValueT = TypeVar("ValueT")
members = st.sampled_from(sorted(MEMBERS))
managers = st.sampled_from(sorted(MANAGERS))
anybody = st.sampled_from(sorted({**MEMBERS, **MANAGERS}))
clusters = st.sampled_from(get_args(Cluster))
purposes = st.sampled_from(get_args(Purpose))
visibilities = st.sampled_from(get_args(Visibility))


@dataclass
class Idea:
    """What the model knows of an idea."""

    owner: UUID
    visibility: str
    hidden: bool = False
    merged_into: UUID | None = None
    comments: set[UUID] = field(default_factory=set)


class Community(RuleBasedStateMachine):
    """Everybody does what they like; what is answered with success, the model does too."""

    client: ServiceClient
    loop: asyncio.AbstractEventLoop

    ideas = Bundle("ideas")

    def __init__(self) -> None:
        super().__init__()
        self.board: dict[UUID, Idea] = {}
        self.verified: dict[UUID, set[str]] = {ALGA: {"chemistry"}, BORA: {"environment"}, CETO: {"chemistry"}}
        self.asked = False
        self.given: dict[UUID, set[tuple[str, str]]] = {one: set() for one in MEMBERS.values()}
        self.objected: dict[UUID, set[str]] = {one: set() for one in MEMBERS.values()}
        self.answered: dict[UUID, str] = {}

    def wait(self, work: Coroutine[Any, Any, ValueT]) -> ValueT:
        """Let the loop of the service do something, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def send(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """Send a request as somebody; none is ever answered with an error of ours."""
        caller = self.client.signed_in(who) if path.endswith("/erasures") else self.client.acting_as(who)
        answer = self.wait(caller.request(method, f"/profiles/api/{path}", json=body))
        assert answer.status_code < 500, (method, path, answer.text)
        return answer

    @initialize(target=ideas)
    def begin(self) -> Any:
        """Begin with three organisations that a survey asks, and some ideas that were commented on."""
        self.wait(self._begin())
        posted = (("anna", "public"), ("cleo", "public"), ("cleo", "clusters"), ("ben", "anonymous"))
        begun = [self.post(who, visibility) for who, visibility in posted]
        for who, idea_id in zip(("cleo", "anna", "anna", "cleo"), begun, strict=True):
            self.comment(who, idea_id)
        return multiple(*begun)

    async def _begin(self) -> None:
        pool = self.client.pool
        await pool.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        commands = Commands(pool)
        for who, organisation in MEMBERS.items():
            about = description(who, *self.verified[organisation])  # type: ignore[arg-type] # words of clusters
            await commands.handle(ORGANISATION, organisation, Register(about), Request(CAUSE))
        content = SurveyContent(title="Startups", text="What could you gain?", cluster="chemistry")
        question = Question(question_id=QUESTION, content=QuestionContent(kind="text", text="What?", required=True))
        survey = Survey(content=content, questions=(question,), state="open")
        await pool.execute(
            "INSERT INTO survey VALUES ($1, 1, 'chemistry', 'open', now(), $2, $3)",
            *(SURVEY, SALT, survey.model_dump_json()),
        )
        await pool.executemany(
            "INSERT INTO survey_invitation (id, survey_id, organisation_id, mail, mail_wanted_at)"
            " VALUES ($1, $2, $1, 'sent', now())",
            [(organisation, SURVEY) for organisation in MEMBERS.values()],
        )

    @rule(target=ideas, who=members, visibility=visibilities)
    def post_another(self, who: str, visibility: str) -> Any:
        """Post an idea."""
        return self.post(who, visibility)

    def post(self, who: str, visibility: str) -> UUID:
        """Post an idea; return its id."""
        answer = self.send(who, "POST", "ideas", idea(organisation_id=str(MEMBERS[who]), visibility=visibility))
        assert answer.status_code == 201, answer.text
        idea_id = UUID(answer.json()["id"])
        self.board[idea_id] = Idea(MEMBERS[who], visibility)
        return idea_id

    @rule(who=members, idea_id=ideas)
    def comment_on(self, who: str, idea_id: UUID) -> None:
        """Say something to an idea."""
        self.comment(who, idea_id)

    def comment(self, who: str, idea_id: UUID) -> None:
        """Say something to an idea, where one may."""
        said = {"organisation_id": str(MEMBERS[who]), "text": "Good!"}
        answer = self.send(who, "POST", f"ideas/{idea_id}/comments", said)
        if answer.status_code == 201:
            assert self.may_see(who, idea_id)
            self.board[idea_id].comments.add(UUID(answer.json()["id"]))

    @rule(who=anybody, idea_id=ideas, visibility=visibilities)
    def revise(self, who: str, idea_id: UUID, visibility: str) -> None:
        """Say it to others."""
        body = {"title": "Anew", "text": "For others", "visibility": visibility}
        if self.send(who, "PUT", f"ideas/{idea_id}", body).is_success:
            assert self.acts_for(who, self.board[idea_id].owner)
            self.board[idea_id].visibility = visibility

    @rule(who=anybody, idea_id=ideas)
    def close_and_open_again(self, who: str, idea_id: UUID) -> None:
        """Close an idea, and think better of it."""
        if self.send(who, "POST", f"ideas/{idea_id}/close", {"reason": "other"}).is_success:
            assert self.send(who, "POST", f"ideas/{idea_id}/reopen").is_success

    @rule(who=managers, idea_id=ideas, hide=st.booleans())
    def moderate(self, who: str, idea_id: UUID, *, hide: bool) -> None:
        """Hide an idea, or show it again."""
        body = {"reason": "off_topic"} if hide else None
        if self.send(who, "POST", f"ideas/{idea_id}/{'hide' if hide else 'show'}", body).is_success:
            assert self.may_moderate(who, self.board[idea_id])
            self.board[idea_id].hidden = hide

    @rule(who=managers, idea_id=ideas, into=ideas)
    def merge(self, who: str, idea_id: UUID, into: UUID) -> None:
        """Merge an idea into another."""
        if self.send(who, "POST", f"ideas/{idea_id}/merge", {"into": str(into)}).is_success:
            assert idea_id != into
            assert self.may_see(who, idea_id)
            assert self.may_see(who, into)
            self.board[idea_id].merged_into = into

    @rule(who=managers, idea_id=ideas)
    def unmerge(self, who: str, idea_id: UUID) -> None:
        """Undo that."""
        if self.send(who, "POST", f"ideas/{idea_id}/unmerge").is_success:
            self.board[idea_id].merged_into = None

    @rule(who=anybody, idea_id=ideas)
    def erase(self, who: str, idea_id: UUID) -> None:
        """Erase an idea; what was merged into it stands by itself again."""
        if self.send(who, "POST", "erasures", {"kind": "idea", "id": str(idea_id)}).is_success:
            assert self.acts_for(who, self.board.pop(idea_id).owner)
            for one in self.board.values():
                one.merged_into = None if one.merged_into == idea_id else one.merged_into

    @rule(who=members, cluster=clusters, purpose=purposes)
    def give(self, who: str, cluster: str, purpose: str) -> None:
        """Give a consent."""
        self._give(who, MEMBERS[who], cluster, purpose)

    @rule(who=anybody, organisation=st.sampled_from(list(MEMBERS.values())), cluster=clusters, purpose=purposes)
    def give_that_of_another(self, who: str, organisation: UUID, cluster: str, purpose: str) -> None:
        """Give the consent of whomever."""
        self._give(who, organisation, cluster, purpose)

    def _give(self, who: str, organisation: UUID, cluster: str, purpose: str) -> None:
        if self.send(who, "PUT", f"organisations/{organisation}/consents/{cluster}/{purpose}").is_success:
            assert self.acts_for(who, organisation)
            self.given[organisation].add((cluster, purpose))

    @rule(who=anybody, organisation=st.sampled_from(list(MEMBERS.values())), cluster=clusters, purpose=purposes)
    def withdraw(self, who: str, organisation: UUID, cluster: str, purpose: str) -> None:
        """Withdraw a consent."""
        if self.send(who, "DELETE", f"organisations/{organisation}/consents/{cluster}/{purpose}").is_success:
            self.given[organisation].discard((cluster, purpose))

    @rule(who=members, activity=st.sampled_from(["proposals", "publicity"]), lift=st.booleans())
    def object_to(self, who: str, activity: str, *, lift: bool) -> None:
        """Object to a use, or no more."""
        organisation = MEMBERS[who]
        answer = self.send(who, "DELETE" if lift else "PUT", f"organisations/{organisation}/objections/{activity}")
        assert answer.is_success, answer.text
        (self.objected[organisation].discard if lift else self.objected[organisation].add)(activity)

    @rule(leave=st.booleans())
    def ask_to_join(self, *, leave: bool) -> None:
        """Let Ceto ask to join the other cluster, or leave it."""
        wanted = ["chemistry"] if leave else ["chemistry", "environment"]
        body = described("cleo", *wanted)
        assert self.send("cleo", "PUT", f"organisations/{CETO}/description", body).is_success
        self.asked = not leave and "environment" not in self.verified[CETO]
        if leave:
            self._left()

    @rule(who=managers, yes=st.booleans())
    def vouch(self, who: str, *, yes: bool) -> None:
        """Vouch for that membership, or do not."""
        path = f"organisations/{CETO}/memberships/environment"
        if self.send(who, "PUT" if yes else "DELETE", path).is_success and self.asked:
            assert MANAGERS[who] == "environment"
            self.asked = False
            if yes:
                self.verified[CETO].add("environment")
            else:
                self._left()

    def _left(self) -> None:
        self.verified[CETO].discard("environment")
        self.given[CETO] = {one for one in self.given[CETO] if one[0] != "environment"}

    @rule(organisation=st.sampled_from(list(MEMBERS.values())), text=st.sampled_from(["pilots", "money", "people"]))
    def answer(self, organisation: UUID, text: str) -> None:
        """Answer the survey with a personal link, perhaps a second time."""
        form = {"key": key_of(SALT, organisation), str(QUESTION): text}
        headers = {"Origin": "http://service"}
        self.wait(self.client.anonymous.post("/profiles/surveys/answer", data=form, headers=headers))
        self.answered.setdefault(organisation, text)

    def teardown(self) -> None:
        """Look at everything with everybody's eyes."""
        for idea_id in self.board:
            for reader in READERS:
                self.look(reader, idea_id)
        self.wait(self._judge_consents())
        self.wait(self._judge_answers())

    def look(self, reader: str, idea_id: UUID) -> None:
        """Compare what somebody sees of an idea with what they may see."""
        answer = self.send(reader, "GET", f"ideas/{idea_id}")
        assert answer.status_code == (200 if self.may_see(reader, idea_id) else 404), (reader, self.board[idea_id])
        if answer.status_code != 200:
            assert self.send(reader, "GET", f"ideas/{idea_id}/comments").status_code == 404
            return
        one, seen = self.board[idea_id], answer.json()
        if one.visibility == "anonymous" and not self.acts_for(reader, one.owner):
            assert (seen["organisation_id"], seen["clusters"]) == (None, []), reader
        elif seen["organisation_id"] is not None:
            assert seen["organisation_id"] == str(one.owner)
        merged = [other for other, each in self.board.items() if each.merged_into == idea_id]
        expected = one.comments.union(*(self.board[other].comments for other in merged if self.may_see(reader, other)))
        page = self.send(reader, "GET", f"ideas/{idea_id}/comments?limit=200").json()
        assert {UUID(comment["id"]) for comment in page["items"]} == expected, reader

    async def _judge_consents(self) -> None:
        """What the others were told last is what was given, where it was vouched for and not objected to."""
        rows = await self.client.pool.fetch("SELECT record FROM publication WHERE topic = $1", ProfileUpdated.topic)
        for row in rows:
            told = ProfileUpdated.model_validate_json(row["record"]).data
            used = {(one.cluster, one.purpose) for one in told.consents}
            objected = self.objected[told.organisation_id]
            over = (MATCHING if "proposals" in objected else set()) | ({"publicity"} & objected)
            given, verified = self.given[told.organisation_id], self.verified[told.organisation_id]
            assert used == {one for one in given if one[0] in verified and one[1] not in over}

    async def _judge_answers(self) -> None:
        rows = await self.client.pool.fetch("SELECT id, answers FROM survey_invitation WHERE given_at IS NOT NULL")
        assert {row["id"] for row in rows} == self.answered.keys()
        assert all(self.answered[row["id"]] in row["answers"] for row in rows), "the first answer counts"

    def acts_for(self, who: str, organisation: UUID) -> bool:
        """Tell whether somebody acts for an organisation."""
        return MEMBERS.get(who) == organisation or MANAGERS.get(who) in self.verified[organisation]

    def may_moderate(self, who: str, one: Idea) -> bool:
        """Tell whether somebody may hide an idea."""
        return who in MANAGERS and (one.visibility == "anonymous" or MANAGERS[who] in self.verified[one.owner])

    def may_see(self, who: str, idea_id: UUID) -> bool:
        """Tell whether somebody may see an idea."""
        one = self.board.get(idea_id)
        if one is None:
            return False
        own = MEMBERS.get(who) == one.owner
        around = self.verified[MEMBERS[who]] if who in MEMBERS else {MANAGERS.get(who, "")}
        shown = one.visibility != "clusters" or own or bool(around & self.verified[one.owner])
        return shown and (not one.hidden or own or self.may_moderate(who, one))


async def test_whatever_people_do_the_promises_hold(dsn: str) -> None:
    async with service_client(SERVICE, dsn, PEOPLE) as client:
        machine = type("Machine", (Community,), {"client": client, "loop": asyncio.get_running_loop()})
        chosen = settings(
            max_examples=HISTORIES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
        )
        await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)
