"""The sender: works off the mails that are wanted, one by one.

Survives kill -9 at any moment: the outcome is recorded in the transaction that locks the row, so a mail is sent again
only if the process died between the server's acceptance and that record, with the same Message-ID (fault 25); two
processes (locked rows are skipped); a mail server that is away (back-off with jitter, fault 15); a mail that fails
alone (it steps back, the others flow).
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any, Final, Literal
from uuid import UUID, uuid5

import structlog

from services.notify.community import queries
from services.notify.community.queries import Known
from services.notify.history.facts import Fact, append
from services.notify.mail import messages
from services.notify.mail.consents import may_meet
from services.notify.mail.letters import Letter, write
from services.notify.mail.wanting import MAX_AGE, Kind
from shared.contracts.contacts import Contact
from shared.contracts.matches import Match, MatchState
from shared.contracts.organisations import Organisation
from shared.runtime.database import DATABASE_ERRORS, Connection, Pool, is_transient
from shared.runtime.mail import BadAddressError, MailSettings, RefusedForGood, RefusedForNow, ServerAway, deliver

log = structlog.get_logger()

State = Literal["wanted", "sent", "refused", "dropped", "given-up", "overtaken"]

End = Literal["mail-sent", "mail-refused", "mail-dropped", "mail-given-up", "mail-overtaken"]
"""What became of a mail, in the history."""

Told = Literal[
    "proposal-to-the-seeking-side",
    "proposal-to-the-offering-side",
    "proposal-to-one-side",
    "agreement-to-the-seeking-side",
    "agreement-to-the-offering-side",
    "agreement-to-one-side",
    "introduction-to-the-seeking-side",
    "introduction-to-the-offering-side",
    "introduction-to-one-side",
    "reminder-to-the-seeking-side",
    "reminder-to-the-offering-side",
    "reminder-to-one-side",
    "outcome-to-the-seeking-side",
    "outcome-to-the-offering-side",
    "outcome-to-one-side",
    "message-to-the-seeking-side",
    "message-to-the-offering-side",
    "message-to-one-side",
]
"""What a mail told whom, in the history."""

_ENDS: Final[Mapping[State, End]] = {
    "sent": "mail-sent",
    "refused": "mail-refused",
    "dropped": "mail-dropped",
    "given-up": "mail-given-up",
    "overtaken": "mail-overtaken",
}
_SIDES: Final[Mapping[tuple[str, str], Told]] = {
    ("proposal", "seeks"): "proposal-to-the-seeking-side",
    ("proposal", "offers"): "proposal-to-the-offering-side",
    ("proposal", "both"): "proposal-to-one-side",
    ("agreement", "seeks"): "agreement-to-the-seeking-side",
    ("agreement", "offers"): "agreement-to-the-offering-side",
    ("agreement", "both"): "agreement-to-one-side",
    ("introduction", "seeks"): "introduction-to-the-seeking-side",
    ("introduction", "offers"): "introduction-to-the-offering-side",
    ("introduction", "both"): "introduction-to-one-side",
    ("reminder", "seeks"): "reminder-to-the-seeking-side",
    ("reminder", "offers"): "reminder-to-the-offering-side",
    ("reminder", "both"): "reminder-to-one-side",
    ("outcome", "seeks"): "outcome-to-the-seeking-side",
    ("outcome", "offers"): "outcome-to-the-offering-side",
    ("outcome", "both"): "outcome-to-one-side",
    ("message", "seeks"): "message-to-the-seeking-side",
    ("message", "offers"): "message-to-the-offering-side",
    ("message", "both"): "message-to-one-side",
}

_WHILE: Final[Mapping[Kind, frozenset[MatchState]]] = {
    "proposal": frozenset({"proposed"}),
    "reminder": frozenset({"proposed"}),
    "agreement": frozenset({"agreed"}),
}
"""While the match is in one of these states a mail has something to say; of others it has for good."""

Deliver = Callable[[EmailMessage, MailSettings], Awaitable[None]]

_POLL_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = (0.5, 60.0)
_STEP_BACK: Final = (timedelta(seconds=30), timedelta(hours=1))

NO_CONTACT: Final = "no contact known"

NEXT: Final = f"""
    SELECT * FROM mail
    WHERE state = 'wanted' AND (due_at <= $1 OR reason = '{NO_CONTACT}' AND EXISTS (
        SELECT FROM contact WHERE (doc ->> 'organisation_id')::uuid = mail.organisation_id AND NOT erased
    ))
    ORDER BY due_at, wanted_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - the reason is ours
RECORD = """
    UPDATE mail SET state = $2, reason = $3, contact_id = $4, due_at = coalesce($5, due_at), attempts = attempts + $6,
                    done_at = CASE WHEN $2 <> 'wanted' THEN $7::timestamptz END
    WHERE id = $1
"""


@dataclass(frozen=True)
class Outcome:
    """What became of a mail: its end, or `wanted` as before and when it is due again."""

    state: State
    reason: str = ""
    contact: Any = None
    due_at: datetime | None = None
    tried: bool = False
    away: bool = False


@dataclass
class Sender:
    """Sends the mails of one service; `deliver` and `now` are those of the world."""

    pool: Pool
    settings: MailSettings
    deliver: Deliver = deliver
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    failures: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Say that a mail may be wanted, or that a contact may be known now."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled; a database that is away is waited for."""
        while True:
            try:
                while await _to_its_end(self.send_next()):
                    pass
            except DATABASE_ERRORS as error:
                if not is_transient(error):
                    raise
                log.warning("mail waits for the database", error=type(error).__name__)
            if self.failures:
                await asyncio.sleep(self._pause())
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _POLL_SECONDS)
            self._wake.clear()

    async def send_next(self) -> bool:
        """Deal with the mail that is due; tell whether there may be another to deal with at once."""
        async with self.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(NEXT, self.now())
            if row is None:
                self.failures = 0
                return False
            outcome = await self._deal_with(connection, row)
            await self._record(connection, row, outcome)
        self._count(outcome)
        return not outcome.away

    async def _deal_with(self, connection: Connection, row: Any) -> Outcome:
        """Send a mail, unless there is no use in it any more; a fault of ours puts off this one mail only."""
        try:
            return await self._prepare_and_send(connection, row)
        except DATABASE_ERRORS:
            raise
        except Exception as error:
            log.exception("mail failed", id=str(row["id"]))
            return Outcome("wanted", f"failed: {type(error).__name__}", due_at=self._later(row), tried=True)

    async def _prepare_and_send(self, connection: Connection, row: Any) -> Outcome:
        letter = await self._letter(connection, row)
        if isinstance(letter, Outcome):
            return letter
        if row["wanted_at"] + MAX_AGE <= self.now():
            return Outcome("given-up", row["reason"])
        contact = await queries.contact(connection, row["organisation_id"])
        if contact is None:
            return Outcome("wanted", NO_CONTACT, due_at=row["wanted_at"] + MAX_AGE)
        try:
            await self.deliver(write(letter, contact, self.settings), self.settings)
        except BadAddressError:
            return Outcome("refused", "bad address", contact.contact_id)
        except RefusedForGood as code:
            return Outcome("refused", str(code), contact.contact_id, tried=True)
        except RefusedForNow as code:
            return Outcome("wanted", str(code), due_at=self._later(row), tried=True)
        except ServerAway as what:  # to the end of the queue: should it be this mail that it stumbles over
            return Outcome("wanted", str(what), due_at=self.now(), tried=True, away=True)
        return Outcome("sent", "", contact.contact_id, tried=True)

    async def _letter(self, connection: Connection, row: Any) -> Letter | Outcome:
        """Return what the mail has to say today, or why it has nothing to say."""
        match = await queries.match(connection, row["match_id"])
        parties = await queries.parties(connection, row["match_id"])
        if match is None or parties is None or match.state is None or parties.state is None:
            return Outcome("dropped", "a side was erased")
        sides = {party.organisation_id: party for party in parties.state.parties}
        known = await queries.organisations(connection, sides)
        own = sides.pop(row["organisation_id"])
        [other] = sides.values()
        names = {key: one.state.name for key, one in known.items() if one.state is not None}
        if own.organisation_id not in names or other.organisation_id not in names:
            return Outcome("dropped", "a side was erased")
        if match.state.state not in _WHILE.get(row["kind"], {match.state.state}):
            return Outcome("overtaken", f"the match is {match.state.state}")
        if row["kind"] == "outcome" and _has_said(match.state, own.party, since=row["wanted_at"]):
            return Outcome("overtaken", "it was told meanwhile")
        about = row["match_id"], row["organisation_id"], row["id"]
        if row["kind"] == "message" and not await messages.waits(connection, *about):
            return Outcome("overtaken", "it was read meanwhile")
        return Letter(
            mail_id=row["id"],
            kind=row["kind"],
            match_id=row["match_id"],
            own=names[own.organisation_id],
            other=names[other.organisation_id] if other.disclosed else None,
            strength=match.state.strength,
            expires_at=match.state.expires_at,
            card=await self._card(connection, row["kind"], *(known[one.organisation_id] for one in (own, other))),
        )

    async def _card(
        self, connection: Connection, kind: Kind, own: Known[Organisation], other: Known[Organisation]
    ) -> Contact | None:
        """Return whom to reach at the other side, if the mail introduces and both consent to be matched today."""
        if kind != "introduction" or own.state is None or other.state is None or not may_meet(own.state, other.state):
            return None
        return await queries.contact(connection, other.state.organisation_id)

    async def _record(self, connection: Connection, row: Any, outcome: Outcome) -> None:
        end = (outcome.due_at, int(outcome.tried), self.now())
        await connection.execute(RECORD, row["id"], outcome.state, outcome.reason, outcome.contact, *end)
        if outcome.state != "wanted":
            await append(connection, [_fact(row, outcome, self.now())])
            log.info("mail ended", id=str(row["id"]), state=outcome.state, reason=outcome.reason)

    def _count(self, outcome: Outcome) -> None:
        """Say once that the server is away, and once that it is back."""
        if outcome.away:
            self.failures += 1
            if self.failures == 1:
                log.warning("mail server away", error=outcome.reason)
        elif outcome.tried and self.failures:
            log.info("mail server answers again", attempts=self.failures)
            self.failures = 0

    def _pause(self) -> float:
        least, most = _PAUSE_SECONDS
        return min(least * 2.0 ** min(self.failures - 1, 10), most) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter

    def _later(self, row: Any) -> datetime:
        least, most = _STEP_BACK
        back: timedelta = min(least * 2 ** min(row["attempts"], 10), most)
        return self.now() + back * random.uniform(0.5, 1.0)  # noqa: S311 - jitter


async def _to_its_end(work: Coroutine[Any, Any, bool]) -> bool:
    """Do it to its end also when cancelled meanwhile: a stop in good order sends nothing twice."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def _has_said(match: Match, party: UUID, *, since: datetime) -> bool:
    """Tell whether a side has said what came of a match since it was asked."""
    return any(outcome.party == party and outcome.recorded_at >= since for outcome in match.outcomes)


def _fact(row: Any, outcome: Outcome, at: datetime) -> Fact:
    """Return what the history holds of a mail: which side it was for, not which organisation."""
    return Fact(
        id=uuid5(row["id"], "end"),
        service="notify",
        kind="mail",
        type=_ENDS[outcome.state],
        subject=row["id"],
        epoch=1,
        version=1,
        at=at,
        actor_kind="system",
        correlation=row["match_id"],
        causation=row["cause"],
        code=_SIDES[row["kind"], row["role"]],
        refs=(row["match_id"],),
    )
