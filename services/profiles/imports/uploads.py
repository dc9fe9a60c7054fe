"""Lists that were sent in a browser: kept from one step to the next, checked and imported beside the requests.

Survives a restart in the middle of an import: nobody tells its progress any more, so it counts as interrupted, and the
same list again does the rest.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid4

import structlog

from services.profiles.imports import commands
from services.profiles.imports.commands import Order, Report
from services.profiles.imports.problems import Problem
from services.profiles.imports.reading import Format, Mapped
from services.profiles.imports.rows import Source, read
from shared.contracts.organisations import Cluster
from shared.runtime.access import Actor
from shared.runtime.commands import Commands
from shared.runtime.database import DATABASE_ERRORS, Pool
from shared.runtime.publication import Cause
from shared.runtime.refusals import NotFound, Refused

log = structlog.get_logger()

MAX_FILE: Final = 10 * 1024 * 1024
"""Bytes of a list."""
LARGEST: Final = MAX_FILE + 64 * 1024
"""Bytes of a body with a list in it, and with what a form says besides."""
KEPT: Final = timedelta(hours=1)
QUIET: Final = timedelta(seconds=15)
"""After this time without a word whoever worked on it is gone."""
_TELL_SECONDS: Final = 0.5

Step = Literal["sent", "checking", "checked", "importing", "done"]

STORE = "INSERT INTO upload (id, account, cluster, name, format, content) VALUES ($1, $2, $3, $4, $5, $6)"
GET = """
    SELECT id, cluster, name, format, mapped, step, done, total, report, content IS NOT NULL AS there,
           step IN ('checking', 'importing') AND beat_at < now() - $4::interval AS interrupted
    FROM upload WHERE id = $1 AND account = $2 AND created_at > now() - $3::interval
"""
CONTENT = "SELECT content FROM upload WHERE id = $1"
CHOOSE = "UPDATE upload SET mapped = $2 WHERE id = $1 AND step NOT IN ('checking', 'importing')"
BEGIN = """
    UPDATE upload SET step = $2, done = 0, total = 0, beat_at = now()
    WHERE id = $1 AND content IS NOT NULL
      AND (step NOT IN ('checking', 'importing') OR beat_at < now() - $3::interval)
    RETURNING content
"""
TELL = "UPDATE upload SET done = $2, total = $3, beat_at = now() WHERE id = $1"
END = """
    UPDATE upload SET step = $2, report = $3, beat_at = now(),
                      content = CASE WHEN $2 = 'done' THEN NULL ELSE content END
    WHERE id = $1
"""
DROP = "DELETE FROM upload WHERE id = $1"
FORGET = "DELETE FROM upload WHERE created_at < now() - $1::interval"

running: Final[set[asyncio.Task[None]]] = set()
"""What this process is at work on."""


@dataclass(frozen=True)
class Upload:
    """A list that was sent, and how far it is; `report` is what was found or done, None before that."""

    id: UUID
    cluster: Cluster
    name: str
    format: Format
    mapped: Mapped | None
    step: Step
    done: int
    total: int
    report: Report | None
    there: bool
    interrupted: bool

    @property
    def runs(self) -> bool:
        """Whether somebody is at work on it."""
        return self.step in {"checking", "importing"} and not self.interrupted


async def store(pool: Pool, actor: Actor, cluster: Cluster, name: str, kind: Format, content: bytes) -> UUID:
    """Keep a list for the next steps; nobody but its sender sees it."""
    await forget_old_uploads(pool)
    upload_id = uuid4()
    await pool.execute(STORE, upload_id, actor.actor, cluster, name, kind, content)
    return upload_id


async def get(pool: Pool, actor: Actor, upload_id: UUID) -> Upload:
    """Return a list that `actor` sent.

    Raises:
        NotFound: there is none, or no more.
    """
    row = await pool.fetchrow(GET, upload_id, actor.actor, KEPT, QUIET)
    if row is None:
        raise NotFound("upload")
    mapped = json.loads(row["mapped"]) if row["mapped"] else None
    return Upload(**(dict(row) | {"mapped": mapped, "report": _report(row["report"])}))


async def content(pool: Pool, upload: Upload) -> bytes:
    """Return its bytes.

    Raises:
        NotFound: it was imported.
    """
    found: bytes | None = await pool.fetchval(CONTENT, upload.id)
    if found is None:
        raise NotFound("upload")
    return found


async def choose(pool: Pool, upload: Upload, mapped: Mapped) -> None:
    """Note what its columns are here."""
    await pool.execute(CHOOSE, upload.id, json.dumps(dict(mapped)))


async def drop(pool: Pool, upload: Upload) -> None:
    """Delete it; what is being imported just now goes on."""
    await pool.execute(DROP, upload.id)


async def forget_old_uploads(pool: Pool) -> None:
    """Delete what is kept no longer."""
    await pool.execute(FORGET, KEPT)


async def begin(over: Commands, actor: Actor, upload: Upload, cause: Cause, *, dry: bool, skip: bool = False) -> None:
    """Begin to check a list (`dry`) or to import it; `skip` leaves out what is wrong. Who asks again begins nothing.

    Raises:
        Refused: it was imported already.
    """
    found = await over.pool.fetchval(BEGIN, upload.id, "checking" if dry else "importing", QUIET)
    if found is None:
        if not upload.there:
            raise Refused("imported-already", "This list was imported. Send it anew, if it has changed.")
        return
    source = Source(upload.cluster, actor.clusters)

    async def work() -> None:
        async with _told(over.pool, upload.id) as track:
            reading = await asyncio.to_thread(read, found, upload.format, source, upload.mapped)
            order = Order(source, cause, dry_run=dry, skip_invalid=skip, track=track)
            report = await commands.run(over, reading, order)
        step = "done" if report.imported else "checked"
        await over.pool.execute(END, upload.id, step, json.dumps(asdict(report)))

    task = asyncio.create_task(_logged(work))
    running.add(task)
    task.add_done_callback(running.discard)


async def _logged(work: Callable[[], Any]) -> None:
    try:
        await work()
    except DATABASE_ERRORS as error:  # its page says that it was interrupted
        log.warning("import interrupted", error=type(error).__name__)
    except Exception:
        log.exception("import failed")


@contextlib.asynccontextmanager
async def _told(pool: Pool, upload_id: UUID) -> AsyncIterator[commands.Track]:
    """Tell twice a second how far it is, as long as the body runs."""
    counts = {"done": 0, "total": 0}

    def track(_name: str, total: int) -> Callable[[int], None]:
        counts.update(done=0, total=total)
        return lambda done: counts.update(done=counts["done"] + done)

    async def tell() -> None:
        while True:
            await pool.execute(TELL, upload_id, counts["done"], counts["total"])
            await asyncio.sleep(_TELL_SECONDS)

    telling = asyncio.create_task(tell())
    try:
        yield track
    finally:
        telling.cancel()
        await asyncio.wait([telling])


def _report(stored: str | None) -> Report | None:
    if stored is None:
        return None
    values = json.loads(stored)
    return Report(**(values | {"problems": [Problem(**one) for one in values["problems"]]}))
