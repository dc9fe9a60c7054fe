"""Static files: style and scripts, which a browser keeps for as long as their content stays."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from fastapi import Response
from jinja2 import pass_context
from jinja2.runtime import Context
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER: Final = Path(__file__).parent / "static"


class KeptFiles(StaticFiles):
    """Files that a browser keeps for a year if it asked for the content that they have now."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file."""
        answer = await super().get_response(path, scope)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v")
        is_present = asked is not None and asked == [_versions().get(path)]
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_present else "no-cache"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer


@pass_context
def static(context: Context, name: str) -> str:
    """Return the address of a file, in templates; with other content it is another one."""
    return f"/{context['service']}/static/{name}?v={_versions()[name]}"


@cache
def _versions() -> Mapping[str, str]:
    """Return by the name of each file what its content is known by."""
    files = [file for file in FOLDER.rglob("*") if file.is_file()]
    return {file.relative_to(FOLDER).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in files}
