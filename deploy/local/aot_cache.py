"""Java's cache of prepared classes: with it the broker starts in half the time.

`python -m deploy.local.aot_cache` makes it with a broker of its own, beside a stack that runs already, so that no
start ever waits for it. It depends on Java and the jars alone and outlives the data.
"""

import asyncio
import hashlib
import shutil
from pathlib import Path

from deploy.local import kafka
from deploy.local.kafka_jars import java_command
from deploy.local.leftovers import claimed
from deploy.local.processes import PROJECT, Child

FOLDER = PROJECT / ".local" / "cache"

_CREATE_SECONDS = 300.0


def _file() -> Path:
    # Java refuses a cache made with other jars or another Java; their paths are in the command line.
    digest = hashlib.sha256("\0".join(java_command([], [])).encode()).hexdigest()
    return FOLDER / f"kafka-{digest[:16]}.aot"


def exists() -> bool:
    """Whether there is a cache to use."""
    return _file().exists()


def options_to_use() -> tuple[str, ...]:
    """Options for Java; none while there is no cache."""
    return (f"-XX:AOTCache={_file()}",) if exists() else ()


def discard() -> None:
    """Remove the cache; a later run makes a new one."""
    _file().unlink(missing_ok=True)


async def make() -> None:
    """Record what a broker loads from its start to its end, and make the cache of it.

    Raises:
        StackError: another run makes it now, or Java or the broker failed; nothing is lost but the cache.
    """
    folder = FOLDER / "making"
    with claimed(folder):  # one at a time
        shutil.rmtree(folder / "kafka", ignore_errors=True)
        await _make_in(folder)


async def _make_in(folder: Path) -> None:
    recording, draft = folder / "classes", folder / "draft.aot"
    broker = kafka.Kafka(folder, java_options=("-XX:AOTMode=record", f"-XX:AOTConfiguration={recording}"))
    try:
        await broker.start()
    finally:
        await broker.stop()
    options = ["-XX:AOTMode=create", f"-XX:AOTConfiguration={recording}", f"-XX:AOTCache={draft}"]
    await Child(folder, "create", java_command(options, [])).finished(_CREATE_SECONDS)
    draft.replace(_file())
    recording.unlink()
    shutil.rmtree(folder / "kafka")


if __name__ == "__main__":
    asyncio.run(make())
