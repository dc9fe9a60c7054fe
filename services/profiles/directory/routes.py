"""The JSON API of the directory."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.profiles.directory import queries
from services.profiles.directory.queries import DirectoryPage, Wanted
from shared.runtime.access import Anyone
from shared.runtime.http import Database

router = APIRouter(prefix="/api/directory", tags=["directory"])


@router.get("")
async def search_directory(pool: Database, actor: Anyone, wanted: Annotated[Wanted, Query()]) -> DirectoryPage:
    """Search organisations, their needs and offers; where nothing says the words, what is spelled alike does."""
    return await queries.search(pool, actor, wanted)
