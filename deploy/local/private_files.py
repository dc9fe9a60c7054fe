"""Files that only their owner may read: passwords."""

import os
import secrets
from pathlib import Path

_OWNER_ONLY = 0o600


def write_private(file: Path, text: str) -> None:
    """Write at once or not at all, so that a reader never sees half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    # The mode is given at creation: a chmod afterwards would leave a moment in which others can read.
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w") as stream:
        stream.write(text)
    draft.replace(file)


def kept_password(file: Path) -> str:
    """The password in this file; made and written when there is none."""
    if not file.exists():
        write_private(file, secrets.token_urlsafe(32))
    return file.read_text()
