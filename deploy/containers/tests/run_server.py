"""Runs a Postgres in a container and waits to be killed; prints its run and its watcher as JSON when it is ready.

`python -m deploy.containers.tests.run_server`
"""

import asyncio
import json
import sys

from deploy.containers import runs
from deploy.containers.postgres import Postgres


async def run() -> None:
    await Postgres({"fsync": "off"}).start()
    sys.stdout.write(json.dumps({"run": runs.this_run(), "watcher": runs.watcher().pid}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run())
