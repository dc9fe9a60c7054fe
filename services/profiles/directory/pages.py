"""The directory: who takes part, what they need and offer, and where they say what is looked for."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from services.profiles.directory import queries
from services.profiles.directory.queries import Limit, Wanted
from services.profiles.directory.texts import pieces
from shared.contracts.organisations import Cluster, EntryKind, OrganisationKind, SizeClass
from shared.runtime.access import Anyone
from shared.runtime.http import Database
from shared.web.forms import options
from shared.web.frame import Pages, address

router = APIRouter(prefix="/organisations", include_in_schema=False)
_PAGES: Final = Pages(__file__)
_PAGE: Final = 20
_LIMITS: Final = ("waiting", "cluster", "kind", "size", "region", "side", "entry_kind")


class DirectoryWanted(Wanted):
    """The directory as it is opened."""

    limit: Limit = _PAGE


@router.get("")
async def show_directory(
    request: Request, pool: Database, actor: Anyone, wanted: Annotated[DirectoryWanted, Query()]
) -> Response:
    """Show who takes part, or who says what is looked for."""
    page = await queries.search(pool, actor, wanted)
    query = wanted.model_dump(exclude_defaults=True, exclude={"after", "limit", "close"})
    choices = {"clusters": Cluster, "kinds": OrganisationKind, "sizes": SizeClass, "entry_kinds": EntryKind}
    shown: dict[str, Any] = {"page": page, "wanted": wanted, "query": query, "pieces": pieces}
    shown["without"] = [(value, _without(request, query, name)) for name, value in query.items() if name in _LIMITS]
    shown |= {name: options(one) for name, one in choices.items()}
    return _PAGES.show(request, actor, "directory.html", **shown)


def _without(request: Request, query: dict[str, Any], left_out: str) -> str:
    """Return the address of the same search with one limit less."""
    return address(request.url.path, **{name: value for name, value in query.items() if name != left_out})
