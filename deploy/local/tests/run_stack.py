"""Runs a stack with fake services, and prints one JSON line with what runs as soon as it is ready.

`python -m deploy.local.tests.run_stack FOLDER PORT`
"""

import asyncio
import json
import sys
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.stack import Stack


def fake_command(name: str) -> list[str]:
    return [sys.executable, str(Path(__file__).with_name("fake_service.py")), name]


async def run(folder: Path, port: int) -> None:
    async with Stack(folder, port=port, partitions=1, command=fake_command, prepare_cache=False) as stack:
        records = (folder / "run").glob("*.json")
        pids = [json.loads(record.read_text())["pid"] for record in records]
        sys.stdout.write(json.dumps({"pids": pids, "bootstrap": stack.servers.bootstrap}) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2])))
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
