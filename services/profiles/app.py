"""The profiles service, wired."""

from functools import partial
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from services.profiles.accounts import invitations as invitation
from services.profiles.accounts import pages as account_pages
from services.profiles.comments import pages as comment_pages
from services.profiles.comments import routes as comments
from services.profiles.confirmations import letters as confirmation
from services.profiles.confirmations import pages as confirmation_pages
from services.profiles.confirmations.commands import ask
from services.profiles.contacts import pages as contact_pages
from services.profiles.contacts import routes as contacts
from services.profiles.directory import pages as directory_pages
from services.profiles.directory import routes as directory
from services.profiles.directory.spelling import Spelling
from services.profiles.erasures import pages as erasure_pages
from services.profiles.erasures import routes as erasures
from services.profiles.erasures.kept import ErasureSettings, keep_list
from services.profiles.ideas import pages as idea_pages
from services.profiles.ideas import routes as ideas
from services.profiles.imports import pages as import_pages
from services.profiles.imports import routes as imports
from services.profiles.imports import uploads
from services.profiles.imports.uploads import LARGEST
from services.profiles.interests import pages as interest_pages
from services.profiles.interests import routes as interests
from services.profiles.my_data.queries import SECTIONS
from services.profiles.organisations import entry_pages, flow_pages
from services.profiles.organisations import pages as organisation_pages
from services.profiles.organisations import routes as organisations
from services.profiles.postman import Postman
from services.profiles.reports import pages as report_pages
from services.profiles.reports import routes as reports
from services.profiles.reports.retention import forget_old_reports
from services.profiles.sessions import pages as session_pages
from services.profiles.sessions.commands import forget_old
from services.profiles.sessions.provider import Provider, ProviderSettings, forget_attempts
from services.profiles.sessions.renewal import Renewal
from services.profiles.sessions.signing import keep_keys
from services.profiles.settings import pages as settings_pages
from services.profiles.surveys import answer_pages
from services.profiles.surveys import letters as survey
from services.profiles.surveys import pages as survey_pages
from services.profiles.surveys import routes as surveys
from services.profiles.surveys.retention import forget_old_survey_answers
from shared.contracts import access as access_contract
from shared.contracts import contacts as contact_contract
from shared.contracts import ideas as idea_contract
from shared.contracts import organisations as organisation_contract
from shared.runtime.mail import MailSettings
from shared.runtime.retention import hourly
from shared.runtime.service import Running, Service, Wiring
from shared.web import styleguide
from shared.web.frame import install
from shared.web.my_data import my_data

_API: Final = (organisations, directory, contacts, ideas, comments, interests, reports, imports, surveys, erasures)
# In this order: `/contact` and `/flows` are no needs and no offers.
_PAGES: Final = (
    session_pages,
    settings_pages,
    account_pages,
    idea_pages,
    comment_pages,
    report_pages,
    interest_pages,
    directory_pages,
    import_pages,
    organisation_pages,
    contact_pages,
    flow_pages,
    entry_pages,
    confirmation_pages,
    # A personal link before the surveys: `answer` is no id of one.
    answer_pages,
    survey_pages,
    erasure_pages,
    styleguide,
)


def _wire(running: Running) -> Wiring:
    pool = running.pool
    works = (
        partial(keep_keys, running.commands),
        partial(forget_old, pool),
        partial(forget_attempts, pool),
        partial(forget_old_survey_answers, pool),
        partial(forget_old_reports, pool),
        partial(uploads.forget_old_uploads, pool),
        partial(ask, pool),
        partial(keep_list, pool, ErasureSettings().erasures_file),
    )
    postman = Postman(pool, MailSettings(), invitation.ROUND, survey.ROUND, confirmation.ROUND)
    return Wiring(workers=(*(partial(hourly, work) for work in works), postman.run, Spelling(pool).run))


def _install(app: FastAPI) -> None:
    install(app, Path(__file__).parent / "locale")
    mail = MailSettings()
    app.state.mail = mail
    app.state.provider = Provider(ProviderSettings(), f"{mail.public_address}/profiles/sign-in/provider/callback")
    app.state.erasures_file = ErasureSettings().erasures_file
    app.add_middleware(Renewal, owner=app)


SERVICE: Final = Service(
    name="profiles",
    title="Profiles: who takes part, what they offer and seek, which ideas they post",
    migrations=Path(__file__).parent / "migrations",
    routers=(*(module.router for module in (*_API, *_PAGES)), imports.taking_along, my_data("profiles", *SECTIONS)),
    wire=_wire,
    web=_install,
    larger_bodies={"/profiles/imports": LARGEST, "/profiles/api/imports": LARGEST},
    compacted=(
        organisation_contract.TOPIC,
        idea_contract.TOPIC,
        idea_contract.OWNERS_TOPIC,
        contact_contract.TOPIC,
        access_contract.TOPIC,
    ),
)
