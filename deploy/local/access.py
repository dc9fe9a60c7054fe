"""Who may do what on the embedded stack: tokens in a file that every service reads."""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from deploy.local.private_files import write_private

Cluster = Literal["chemistry", "environment"]


class Access(BaseModel):
    """Who a token stands for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    actor: str
    role: Literal["member", "manager", "operator", "integrator"]
    organisations: tuple[str, ...] = ()
    clusters: tuple[Cluster, ...] = ()


_STAFF = (
    Access(actor="manager-chemistry", role="manager", clusters=("chemistry",)),
    Access(actor="manager-environment", role="manager", clusters=("environment",)),
    Access(actor="manager", role="manager", clusters=("chemistry", "environment")),
    Access(actor="operator", role="operator"),
)


class AccessTokens:
    """The tokens of one run; earlier ones are void."""

    def __init__(self, file: Path) -> None:
        """Give the staff their tokens and write the file."""
        self.file = file
        self._tokens = {access.actor: secrets.token_urlsafe(32) for access in _STAFF}
        self._access = {self._tokens[access.actor]: access for access in _STAFF}
        self._write()

    def token(self, actor: str) -> str:
        """The token of somebody who has one.

        Raises:
            KeyError: nobody of this name has one.
        """
        return self._tokens[actor]

    def add_member(self, actor: str, organisations: Sequence[str]) -> str:
        """A token for a member of these organisations; services take it up when the file has changed."""
        token = secrets.token_urlsafe(32)
        if old := self._tokens.get(actor):
            del self._access[old]
        self._tokens[actor] = token
        self._access[token] = Access(actor=actor, role="member", organisations=tuple(organisations))
        self._write()
        return token

    def _write(self) -> None:
        content = {token: access.model_dump(mode="json") for token, access in self._access.items()}
        write_private(self.file, json.dumps(content, indent=1))
