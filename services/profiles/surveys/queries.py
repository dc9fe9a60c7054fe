"""The SELECTs about surveys: for managers of their cluster, and for who has a personal link."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.profiles.personal_links import id_in, is_key_of
from services.profiles.surveys.answers import Answer, Answers
from services.profiles.surveys.domain import Survey
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import NotFound

GET = "SELECT id, version, begun_at, doc FROM survey WHERE id = $1 AND cluster = ANY($2::text[])"
LIST = """
    SELECT id, version, begun_at, doc FROM survey
    WHERE cluster = ANY($1::text[]) AND ($2::timestamptz IS NULL OR (begun_at, id) < ($2, $3))
    ORDER BY begun_at DESC, id DESC LIMIT $4
"""
PROGRESS = """
    SELECT count(*) AS invited, count(*) FILTER (WHERE mail = 'sent') AS mailed,
           count(*) FILTER (WHERE mail = 'refused') AS refused,
           count(begun_at) AS begun, count(given_at) AS given
    FROM survey_invitation WHERE survey_id = $1
"""
ASKABLE = """
    SELECT count(*) FROM organisation JOIN contact ON contact.organisation_id = organisation.id
    WHERE $2 = ANY(organisation.clusters) AND NOT coalesce(organisation.doc -> 'objections' ? 'surveys', false)
    AND NOT EXISTS (
        SELECT FROM survey_invitation AS asked WHERE asked.survey_id = $1 AND asked.organisation_id = organisation.id
    )
"""
ASKED = """
    SELECT invitation.id, organisation.id AS organisation_id, organisation.name, mail, begun_at, given_at
    FROM survey_invitation AS invitation JOIN organisation ON organisation.id = invitation.organisation_id
    WHERE survey_id = $1 AND ($2::text IS NULL OR (lower(name), organisation.id) > (lower($2), $3))
    ORDER BY lower(name), organisation.id LIMIT $4
"""
GIVEN = """
    SELECT invitation.id, organisation.id AS organisation_id, organisation.name, answers, given_at
    FROM survey_invitation AS invitation JOIN organisation ON organisation.id = invitation.organisation_id
    WHERE survey_id = $1 AND given_at IS NOT NULL ORDER BY given_at, invitation.id
"""
WHOSE = "SELECT organisation_id FROM survey_invitation WHERE id = $1 AND survey_id = $2"
NEEDS = """
    SELECT need.invitation_id, need.question_id, need.entry_id
    FROM survey_need AS need JOIN survey_invitation AS invitation ON invitation.id = need.invitation_id
    WHERE invitation.survey_id = $1
"""
INVITATION = """
    SELECT invitation.id, organisation.name, invitation.answers, invitation.given_at, survey.doc, survey.salt
    FROM survey_invitation AS invitation JOIN survey ON survey.id = invitation.survey_id
    JOIN organisation ON organisation.id = invitation.organisation_id
    WHERE invitation.id = $1
"""
LOCK = f"{INVITATION} FOR NO KEY UPDATE OF invitation"


class SurveyView(BaseModel):
    """A survey as its managers see it."""

    id: UUID
    version: int
    begun_at: datetime
    survey: Survey


class SurveyPage(BaseModel):
    """A page of surveys, newest first; `next` is the `after` of the following page."""

    items: list[SurveyView]
    next: UUID | None = None


class Progress(BaseModel):
    """How far a survey is: whom it asked, who got the mail, began, and answered; and who could be asked besides."""

    invited: int
    mailed: int
    refused: int
    begun: int
    given: int
    askable: int


class Asked(BaseModel):
    """One of those who were asked."""

    id: UUID
    organisation_id: UUID
    name: str
    mail: str
    begun_at: datetime | None
    given_at: datetime | None


@dataclass(frozen=True)
class Given:
    """The answers of one organisation."""

    id: UUID
    organisation_id: UUID
    name: str
    answers: Answers
    given_at: datetime


@dataclass(frozen=True)
class Invitation:
    """What somebody sees who follows a personal link."""

    id: UUID
    name: str
    survey: Survey
    answers: Answers
    given_at: datetime | None


async def get(pool: Pool | Connection, actor: Actor, survey_id: UUID) -> SurveyView:
    """Return a survey of one of the caller's clusters.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    row = await pool.fetchrow(GET, survey_id, sorted(actor.clusters))
    if row is None:
        raise NotFound("survey")
    return _view(row)


async def list_page(pool: Pool, actor: Actor, *, after: UUID | None, limit: int) -> SurveyPage:
    """Return the surveys of the caller's clusters, newest first, from behind `after`."""
    last = await get(pool, actor, after) if after else None
    rows = await pool.fetch(LIST, sorted(actor.clusters), last.begun_at if last else None, after, limit + 1)
    items = [_view(row) for row in rows[:limit]]
    return SurveyPage(items=items, next=items[-1].id if len(rows) > limit else None)


async def progress(pool: Pool, view: SurveyView) -> Progress:
    """Return how far a survey is."""
    row = await pool.fetchrow(PROGRESS, view.id)
    assert row is not None, "a count has a row"
    askable = await pool.fetchval(ASKABLE, view.id, view.survey.content.cluster)
    return Progress(**dict(row), askable=askable)


async def asked(pool: Pool, survey_id: UUID, *, after: Asked | None, limit: int) -> list[Asked]:
    """Return those who were asked, by name."""
    name, organisation_id = (after.name, after.organisation_id) if after else (None, None)
    return [Asked(**dict(row)) for row in await pool.fetch(ASKED, survey_id, name, organisation_id, limit)]


async def given(pool: Pool, survey_id: UUID) -> list[Given]:
    """Return all answers that were given, in the order in which they came."""
    return [
        Given(row["id"], row["organisation_id"], row["name"], answers_of(row["answers"]), row["given_at"])
        for row in await pool.fetch(GIVEN, survey_id)
    ]


async def whose(pool: Pool, survey_id: UUID, invitation_id: UUID) -> UUID:
    """Return the organisation that an invitation asked.

    Raises:
        NotFound: it asked nobody, or was forgotten.
    """
    found: UUID | None = await pool.fetchval(WHOSE, invitation_id, survey_id)
    if found is None:
        raise NotFound("invitation")
    return found


async def needs(pool: Pool, survey_id: UUID) -> dict[tuple[UUID, UUID], UUID]:
    """Return which answers became which needs: by invitation and question."""
    rows = await pool.fetch(NEEDS, survey_id)
    return {(row["invitation_id"], row["question_id"]): row["entry_id"] for row in rows}


async def by_key(connection: Pool | Connection, key: str, *, lock: bool = False) -> Invitation:
    """Return what a personal link leads to.

    Raises:
        NotFound: it leads nowhere.
    """
    invitation_id = id_in(key)
    row = await connection.fetchrow(LOCK if lock else INVITATION, invitation_id) if invitation_id else None
    if row is None or not is_key_of(key, row["salt"], row["id"]):
        raise NotFound("survey")
    survey = Survey.model_validate_json(row["doc"])
    return Invitation(row["id"], row["name"], survey, answers_of(row["answers"]), row["given_at"])


def answers_of(stored: str) -> dict[UUID, Answer]:
    """Return answers as they are stored."""
    return {UUID(name): answer for name, answer in json.loads(stored).items()}


def stored(answers: Answers) -> str:
    """Return answers to be stored."""
    return json.dumps({str(name): answer for name, answer in answers.items()})


def _view(row: Any) -> SurveyView:
    survey = Survey.model_validate_json(row["doc"])
    return SurveyView(id=row["id"], version=row["version"], begun_at=row["begun_at"], survey=survey)
