"""The profiles service, wired."""

from pathlib import Path
from typing import Final

from services.profiles.accounts.pages import router as accounts
from services.profiles.contacts.routes import router as contacts
from services.profiles.ideas.routes import router as ideas
from services.profiles.imports.routes import router as imports
from services.profiles.organisations.routes import router as organisations
from shared.runtime.service import Service
from shared.web.frame import install

SERVICE: Final = Service(
    name="profiles",
    title="Profiles: who takes part, what they offer and seek, which ideas they post",
    migrations=Path(__file__).parent / "migrations",
    routers=(organisations, contacts, ideas, imports, accounts),
    web=install,
)
