"""What can be done with a survey, and with a personal link: one short function each, one transaction each."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from services.profiles.organisations.commands import ORGANISATION
from services.profiles.organisations.domain import EntryContent, StateEntry
from services.profiles.organisations.queries import require_acting_for
from services.profiles.surveys import queries
from services.profiles.surveys.answers import Answers
from services.profiles.surveys.domain import (
    DECIDER,
    CloseSurvey,
    Command,
    DraftSurvey,
    DropQuestion,
    MoveQuestion,
    OpenSurvey,
    PutQuestion,
    Question,
    QuestionContent,
    ReviseSurvey,
    State,
    SurveyContent,
)
from services.profiles.surveys.projection import project, publish
from shared.runtime.commands import Aggregate, Answer, Unit
from shared.runtime.database import Pool
from shared.runtime.http import Desk
from shared.runtime.refusals import Forbidden, NotFound, Refused

SURVEY: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)

REMINDED_AFTER: Final = timedelta(days=3)
"""Nobody gets a second mail about a survey before that."""

_TITLE: Final = 80

INVITE = """
    INSERT INTO survey_invitation (id, survey_id, organisation_id, mail, mail_wanted_at)
    SELECT gen_random_uuid(), $1, organisation.id, 'wanted', $3
    FROM organisation JOIN contact ON contact.organisation_id = organisation.id
    WHERE $2 = ANY(organisation.clusters) AND NOT coalesce(organisation.doc -> 'objections' ? 'surveys', false)
    ON CONFLICT DO NOTHING
"""
REMIND = """
    UPDATE survey_invitation SET mail = 'wanted', mail_wanted_at = $2, mail_tries = 0, reminded = true
    WHERE survey_id = $1 AND given_at IS NULL AND mail <> 'wanted' AND mail_wanted_at < $3 AND NOT EXISTS (
        SELECT FROM organisation
        WHERE organisation.id = organisation_id AND organisation.doc -> 'objections' ?| ARRAY['surveys', 'reminders']
    )
"""
SAVE = """
    UPDATE survey_invitation SET answers = $2, begun_at = coalesce(begun_at, $3), given_at = CASE WHEN $4 THEN $3 END
    WHERE id = $1
"""
NOTE_NEED = "INSERT INTO survey_need (invitation_id, question_id, entry_id) VALUES ($1, $2, $3)"
ONE_GIVEN = """
    SELECT organisation_id, answers FROM survey_invitation
    WHERE id = $1 AND survey_id = $2 AND given_at IS NOT NULL FOR UPDATE
"""
HAS_NEED = "SELECT entry_id FROM survey_need WHERE invitation_id = $1 AND question_id = $2"


async def draft(desk: Desk, survey_id: UUID, what: SurveyContent) -> Answer:
    """Begin a survey of the members of one of the caller's clusters."""
    _require_manages(desk, what)
    return await desk.handle(SURVEY, survey_id, DraftSurvey(what), status=201)


async def revise(desk: Desk, survey_id: UUID, what: SurveyContent) -> Answer:
    """Say anew what a survey is about."""
    _require_manages(desk, what)
    return await _handle(desk, survey_id, ReviseSurvey(what))


async def put_question(desk: Desk, survey_id: UUID, question_id: UUID | None, what: QuestionContent) -> Answer:
    """Ask a question, or ask one that is there otherwise."""
    question = Question(question_id=question_id or uuid4(), content=what)
    return await _handle(desk, survey_id, PutQuestion(question, must_exist=question_id is not None))


async def move_question(desk: Desk, survey_id: UUID, question_id: UUID) -> Answer:
    """Ask a question one place earlier."""
    return await _handle(desk, survey_id, MoveQuestion(question_id))


async def drop_question(desk: Desk, survey_id: UUID, question_id: UUID) -> Answer:
    """Do not ask it."""
    return await _handle(desk, survey_id, DropQuestion(question_id))


async def open_survey(desk: Desk, survey_id: UUID) -> Answer:
    """Let it be answered, and ask all members who named a contact; again: also those who have come since."""

    async def work(unit: Unit) -> Answer:
        view = await queries.get(unit.connection, desk.actor, survey_id)
        change = await unit.decide(SURVEY, survey_id, OpenSurvey())
        await unit.connection.execute(INVITE, survey_id, view.survey.content.cluster, unit.at)
        return Answer(200, survey_id, change.version)

    return await desk.commands.run(desk.request, work)


async def remind(desk: Desk, survey_id: UUID) -> Answer:
    """Write again to those who have not answered, and whose last mail is some days old."""

    async def work(unit: Unit) -> Answer:
        view = await queries.get(unit.connection, desk.actor, survey_id)
        if view.survey.state != "open":
            raise Refused("survey-not-open", "Only an open survey has reminders.")
        await unit.connection.execute(REMIND, survey_id, unit.at, unit.at - REMINDED_AFTER)
        return Answer(200, survey_id, view.version)

    return await desk.commands.run(desk.request, work)


async def close(desk: Desk, survey_id: UUID) -> Answer:
    """Take no more answers."""
    return await _handle(desk, survey_id, CloseSurvey())


async def save(pool: Pool, key: str, answers: Answers, *, give: bool) -> None:
    """Keep what somebody wrote who has a personal link; to `give` it counts, once.

    Raises:
        NotFound: the link leads nowhere.
        Refused: it was given already, or the survey is closed.
    """
    async with pool.acquire() as connection, connection.transaction():
        invitation = await queries.by_key(connection, key, lock=True)
        if invitation.given_at is not None:
            raise Refused("answered-already", "This survey was answered with this link already. Thank you.")
        if invitation.survey.state != "open":
            raise Refused("survey-closed", "This survey takes no more answers.")
        await connection.execute(SAVE, invitation.id, queries.stored(answers), datetime.now(UTC), give)


async def make_need(desk: Desk, survey_id: UUID, invitation_id: UUID, question_id: UUID) -> Answer:
    """Make a need of what an organisation wrote, on its behalf; the same answer again makes no second.

    The answer names the need.
    """

    async def work(unit: Unit) -> Answer:
        view = await queries.get(unit.connection, desk.actor, survey_id)
        view.survey.question(question_id)
        row = await unit.connection.fetchrow(ONE_GIVEN, invitation_id, survey_id)
        text = queries.answers_of(row["answers"]).get(question_id) if row else None
        if row is None or not isinstance(text, str):
            raise NotFound("answer")
        known = await unit.connection.fetchval(HAS_NEED, invitation_id, question_id)
        if known is not None:
            return Answer(200, known, 0)
        # It may have left the cluster since it answered.
        await require_acting_for(unit.connection, desk.actor, row["organisation_id"])
        entry_id, language = uuid4(), view.survey.content.language
        what = EntryContent(kind="technology", title=_title(text), text=text, language=language)
        need = StateEntry("need", entry_id, what, unit.at.date())
        change = await unit.decide(ORGANISATION, row["organisation_id"], need)
        await unit.connection.execute(NOTE_NEED, invitation_id, question_id, entry_id)
        return Answer(201, entry_id, change.version)

    return await desk.commands.run(desk.request, work)


def _title(text: str) -> str:
    """Return the first words of a text, as a title to begin with."""
    line = " ".join(text.split())
    if len(line) <= _TITLE:
        return line
    return line[:_TITLE].rpartition(" ")[0] + " …"


def _require_manages(desk: Desk, what: SurveyContent) -> None:
    if what.cluster not in desk.actor.clusters:
        raise Forbidden("You can ask the members of your own clusters only.")


async def _handle(desk: Desk, survey_id: UUID, command: Command) -> Answer:
    async def work(unit: Unit) -> Answer:
        await queries.get(unit.connection, desk.actor, survey_id)
        change = await unit.decide(SURVEY, survey_id, command)
        return Answer(200, survey_id, change.version)

    return await desk.commands.run(desk.request, work)
