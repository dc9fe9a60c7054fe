"""Random histories over HTTP, on a real Postgres, beside a model that says what each side may know after every step.

No one-sided answer is visible to the other side, by any route, page, version or record · who is anonymous is disclosed
step by step · what stands on the topics leads to nobody · nobody gets a 500. `HISTORIES=1000` tries more of them than
the usual run.
"""

import asyncio
import os
import re
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar, get_args
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule, run_state_machine_as_test

from services.matching.matches.commands import erase_parties, withdraw
from services.matching.matches.domain import (
    AnswerKind,
    Cooperation,
    DeclineReason,
    ObjectionReason,
    Programme,
    WithdrawReason,
)
from services.matching.matches.tests.examples import NOW, OTHER, SEEKER
from services.matching.matches.tests.world import API, CAUSE, NAMES, PAGES, World, world
from shared.contracts import matches as public
from shared.contracts.matches import OutcomeKind

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M8", "M9", "M10")]

HISTORIES: Final = int(os.environ.get("HISTORIES", "25"))
STEPS: Final = 25

TABLES: Final = ("event", "command", "publication", "outbox", "match", "match_side", "recomputation")
SIDES: Final = {"seeker": SEEKER, "leading": SEEKER, "other": OTHER, "sought": OTHER}
"""For which side each acts: its member, and the manager of its cluster."""
NOTE: Final = "Both of you like nickel."
OVER: Final = frozenset({"declined", "expired", "withdrawn"})

ValueT = TypeVar("ValueT")
people = st.sampled_from(sorted(SIDES))
managers = st.sampled_from(["leading", "sought"])
outcomes = st.sampled_from(get_args(OutcomeKind))


@dataclass
class Known:
    """What the model knows of a match."""

    hidden: bool
    proposed_at: datetime
    answers: dict[UUID, tuple[str, bool]] = field(default_factory=dict)
    state: str = "proposed"
    note: bool = False
    erased: bool = False

    @property
    def agreed(self) -> bool:
        """Whether each side may know the other."""
        return self.state not in {"proposed", *OVER}

    def after_answers(self) -> str:
        """Say what both answers amount to."""
        said = [answer for answer, _ in self.answers.values()]
        if len(said) < len(NAMES) or "not_now" in said:
            return "proposed"
        if set(said) != {"yes"}:
            return "declined"
        return "introduced" if all(at_once for _, at_once in self.answers.values()) else "agreed"


class Life(RuleBasedStateMachine):
    """Everybody does what they like; what is answered with success, the model does too."""

    there: World
    loop: asyncio.AbstractEventLoop

    matches = Bundle("matches")

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[UUID, Known] = {}

    def wait(self, work: Coroutine[Any, Any, ValueT]) -> ValueT:
        """Let the loop of the service do something, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def send(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """Send a request as somebody; none is ever answered with an error of ours."""
        answer = self.wait(self.there.client.acting_as(who).request(method, f"{API}/{path}", json=body))
        assert answer.status_code < 500, (method, path, answer.text)
        return answer

    # What people do

    @initialize(target=matches)
    def begin(self) -> Any:
        """Begin with a match of two who know each other and one of somebody who stays anonymous."""
        self.there.clock.at = NOW
        self.wait(self.there.client.pool.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE"))
        return multiple(self.propose(hidden=False), self.propose(hidden=True))

    @rule(target=matches, hidden=st.booleans())
    def propose_another(self, *, hidden: bool) -> UUID:
        """Propose once more."""
        return self.propose(hidden=hidden)

    def propose(self, *, hidden: bool) -> UUID:
        """Propose that they meet; return the match."""
        match_id = self.wait(self.there.propose(hidden=hidden))
        self.known[match_id] = Known(hidden, self.there.clock())
        return match_id

    @rule(
        who=people,
        match_id=matches,
        answer=st.sampled_from(get_args(AnswerKind)),
        reason=st.sampled_from(get_args(DeclineReason)),
        at_once=st.booleans(),
    )
    def answer(self, who: str, match_id: UUID, answer: str, reason: str, *, at_once: bool) -> None:
        """Answer for a side; as long as that alone decides nothing, nobody on the other side can tell."""
        known, own = self.known[match_id], SIDES[who]
        others = [one for one, side in SIDES.items() if side != own]
        before = self.wait(self.all_that_others_see(others, match_id))
        body = {"answer": answer, "reason": reason, "introduce_at_once": at_once}
        if not self.send(who, "POST", f"{match_id}/answer", body).is_success:
            assert known.state != "proposed"
            return
        if known.state != "proposed":
            return  # the same once more
        known.answers[own] = answer, at_once and answer == "yes"
        known.state = known.after_answers()
        if known.state == "proposed":
            assert self.wait(self.all_that_others_see(others, match_id)) == before, "a one-sided answer shows"

    @rule(who=managers, match_id=matches)
    def introduce(self, who: str, match_id: UUID) -> None:
        """Introduce both, as far as one may."""
        known = self.known[match_id]
        if self.send(who, "POST", f"{match_id}/introduction", {"note": NOTE}).is_success:
            assert (who, known.state) == ("leading", "agreed")
            known.state, known.note = "introduced", True

    @rule(who=managers, match_id=matches, reason=st.sampled_from(get_args(ObjectionReason)))
    def ask_to_wait(self, who: str, match_id: UUID, reason: str) -> None:
        """Object to the introduction."""
        if self.send(who, "PUT", f"{match_id}/objection", {"reason": reason}).is_success:
            assert self.known[match_id].state == "agreed"
            assert not self.send("leading", "POST", f"{match_id}/introduction", {"note": NOTE}).is_success

    @rule(who=managers, match_id=matches)
    def ask_no_more(self, who: str, match_id: UUID) -> None:
        """Take that back."""
        self.send(who, "DELETE", f"{match_id}/objection")

    @rule(who=people, match_id=matches, ago=st.integers(-2, 9))
    def meet(self, who: str, match_id: UUID, ago: int) -> None:
        """Say that both met so many days ago."""
        known, day = self.known[match_id], (self.there.clock().date().toordinal() - ago)
        met_on = datetime.fromordinal(day).date()
        if self.send(who, "PUT", f"{match_id}/meeting", {"met_on": met_on.isoformat()}).is_success:
            assert known.agreed
            assert known.proposed_at.date() <= met_on
            known.state = "met" if known.state in {"agreed", "introduced"} else known.state

    @rule(
        who=people,
        match_id=matches,
        outcome=outcomes,
        cooperation=st.none() | st.sampled_from(get_args(Cooperation)),
        programme=st.none() | st.sampled_from(get_args(Programme)),
        funding=st.none() | st.integers(-1, 10**9),
    )
    def say_what_came_of_it(self, who: str, match_id: UUID, outcome: str, **details: Any) -> None:
        """Say what came of it; if that changes no state, the other side's members see no difference."""
        known = self.known[match_id]
        body = {"outcome": outcome, "cooperation": details["cooperation"], "programme": details["programme"]}
        [member] = [one for one in ("seeker", "other") if SIDES[one] != SIDES[who]]
        before = self.wait(self.there.get(member, match_id))
        if self.send(who, "PUT", f"{match_id}/outcome", body | {"funding_euro": details["funding"]}).is_success:
            assert known.agreed
            assert known.state != "agreed"
            known.state = str(self.wait(self.there.get(who, match_id))["state"])
            if known.state == before["state"]:
                assert self.wait(self.there.get(member, match_id)) == before

    @rule(match_id=matches, reason=st.sampled_from(get_args(WithdrawReason)))
    def withdraw(self, match_id: UUID, reason: WithdrawReason) -> None:
        """Let what it rests on be gone."""
        self.wait(withdraw(self.there.commands, match_id, reason, CAUSE))
        known = self.known[match_id]
        known.state = "withdrawn" if known.state == "proposed" else known.state

    @rule(match_id=matches)
    def erase(self, match_id: UUID) -> None:
        """Let a side be erased."""
        self.wait(erase_parties(self.there.commands, match_id, CAUSE))
        known = self.known[match_id]
        known.erased, known.note = True, False
        known.state = "withdrawn" if known.state == "proposed" else known.state

    @rule(days=st.sampled_from([1, 7, 14, 42, 182]))
    def wait_for(self, days: int) -> None:
        """Let time pass, and what is due be done: for all that wait alike, whoever has answered."""
        self.there.clock.move(days=days)
        self.wait(self.there.due())
        for match_id, known in self.known.items():
            if known.state == "proposed" and (self.there.clock() - known.proposed_at).days >= 21:
                known.state = "expired"
                [row] = self.wait(self.there.client.pool.fetch("SELECT state FROM match WHERE id = $1", match_id))
                assert row["state"] == "expired"

    # What must hold

    async def all_that_others_see(self, others: list[str], match_id: UUID) -> list[Any]:
        """Return all that the people of a side can read of a match, and all that was told to anybody."""
        seen: list[Any] = []
        for who in others:
            client = self.there.client.acting_as(who)
            for path in (f"{API}/{match_id}", API, f"{PAGES}/{match_id}", PAGES, "/matching/cockpit"):
                answer = await client.get(path)
                assert answer.status_code in {200, 403}, path
                seen += [without_ids(answer.text), answer.headers.get("ETag")]
        pool = self.there.client.pool
        for sql in ("SELECT topic, key, value FROM outbox ORDER BY position", "SELECT * FROM publication ORDER BY key"):
            seen += [tuple(row) for row in await pool.fetch(sql)]
        seen += await pool.fetch("SELECT id, due_at, state, public_version, frozen_until FROM match ORDER BY id")
        return seen

    def teardown(self) -> None:
        """Look at everything with everybody's eyes."""
        for match_id, known in self.known.items():
            for who in SIDES:
                self.look(who, match_id, known)
        self.wait(self._judge_topics())

    def look(self, who: str, match_id: UUID, known: Known) -> None:
        """Compare what somebody sees of a match with what they may see."""
        seen, page = self.wait(self.there.get(who, match_id)), self.wait(self.there.page(who, match_id))
        assert seen["state"] == known.state
        own = SIDES[who]
        answer, at_once = known.answers.get(own, (None, False))
        assert (seen["answer"], seen["introduce_at_once"]) == (answer, at_once)
        [their_name] = [name for side, name in NAMES.items() if side != own]
        hides = known.hidden and own == OTHER and not known.agreed
        assert (seen["other"]["name"] is None) == hides
        assert (seen["other"]["kind"] is None, seen["other"]["clusters"] == []) == (hides, hides)
        assert (their_name in page) == (not hides)
        assert (str(SEEKER) in f"{seen} {page}") == (not hides)
        assert (seen["note"] == NOTE, NOTE in page) == (known.note, known.note)
        assert all(step["what"] != "answered" or step["ours"] for step in seen["steps"])

    async def _judge_topics(self) -> None:
        """What stands on the topics is what happened, in order, and leads to nobody."""
        rows = await self.there.client.pool.fetch("SELECT topic, value FROM outbox")
        content = b"".join(row["value"] for row in rows).decode()
        assert not any(secret in content for secret in (NOTE, *NAMES.values()))
        versions: dict[UUID, int] = {}
        for event in await self.there.records(public.TOPIC):
            assert isinstance(event.data, public.Match)
            assert event.data.version > versions.get(event.subject, 0)
            versions[event.subject] = event.data.version
            assert not any(str(side) in event.model_dump_json() for side in NAMES)
        for event in await self.there.records(public.PARTIES_TOPIC):
            if isinstance(event.data, public.MatchParties):
                known = self.known[event.subject]
                disclosed = [party.disclosed for party in event.data.parties]
                assert not event.data.introduced or all(disclosed)
                assert known.agreed or not event.data.introduced
                assert all(disclosed) or known.hidden


def without_ids(page: str) -> str:
    """Return a page without the ids of commands, which are new on each."""
    return re.sub('name="command_id" value="[^"]+"', "", page)


async def test_whatever_people_do_the_promises_hold(matching_database: str) -> None:
    async with world(matching_database) as there:
        machine = type("Machine", (Life,), {"there": there, "loop": asyncio.get_running_loop()})
        chosen = settings(
            max_examples=HISTORIES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
        )
        await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)
