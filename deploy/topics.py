"""The topics of the system, and their creation: `KAFKA_BOOTSTRAP=localhost:9092 python -m deploy.topics`."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from pydantic import BaseModel, ConfigDict, Field

FILE = Path(__file__).with_name("topics.yaml")

_READY_SECONDS = 30.0


class Topic(BaseModel):
    """One topic, who writes it and who may read it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z]+\.[a-z-]+\.v[0-9]+$")
    compacted: bool
    writer: str
    readers: tuple[str, ...]


class TopicsFile(BaseModel):
    """`topics.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partitions: int = Field(gt=0)
    max_record_bytes: int = Field(gt=0)
    compaction: dict[str, int]
    topics: tuple[Topic, ...]

    def config(self, topic: Topic, brokers: int) -> dict[str, str]:
        """The settings of a topic on so many brokers."""
        common = {
            "max.message.bytes": str(self.max_record_bytes),
            "min.insync.replicas": str(_in_sync(brokers)),
        }
        if topic.compacted:
            return {**common, "cleanup.policy": "compact", **{k: str(v) for k, v in self.compaction.items()}}
        return {**common, "cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}


def read_topics(file: Path = FILE) -> TopicsFile:
    """Read and check the file.

    Raises:
        pydantic.ValidationError: it says something that we do not know.
    """
    return TopicsFile.model_validate(yaml.safe_load(file.read_text()))


async def ensure_topics(bootstrap: str, partitions: int | None = None) -> None:
    """Create the topics that are missing, and return when each can be written to.

    Existing ones stay as they are: changing partitions would move keys, changing retention may delete.

    Args:
        bootstrap: The brokers.
        partitions: Instead of the number in the file.

    Raises:
        KafkaError: the brokers refuse.
        TimeoutError: a topic has partitions without a leader.

    """
    file = read_topics()
    async with _admin(bootstrap) as admin:
        brokers = len((await admin.describe_cluster())["brokers"])
        wanted = [
            NewTopic(
                topic.name, partitions or file.partitions, min(3, brokers), topic_configs=file.config(topic, brokers)
            )
            for topic in file.topics
        ]
        await _create(admin, wanted)


async def create_topic(bootstrap: str, name: str, partitions: int, config: Mapping[str, str]) -> None:
    """Create one topic that is not in the file, for a test or a measurement; it has one copy.

    Raises:
        KafkaError: the brokers refuse.
        TimeoutError: it has partitions without a leader.
    """
    async with _admin(bootstrap) as admin:
        await _create(admin, [NewTopic(name, partitions, 1, topic_configs=dict(config))])


async def broker_answers(bootstrap: str) -> bool:
    """Whether a broker can be reached and serves requests."""
    try:
        async with _admin(bootstrap) as admin:
            return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, OSError):
        return False


async def _create(admin: AIOKafkaAdminClient, wanted: list[NewTopic]) -> None:
    present = set(await admin.list_topics())
    missing = [topic for topic in wanted if topic.name not in present]
    if missing:
        answer = await admin.create_topics(missing)
        for name, code, message in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:  # another process may create them as well
                raise error(f"{name}: {message}")
    await _wait_for_leaders(admin, [topic.name for topic in wanted])


async def _wait_for_leaders(admin: AIOKafkaAdminClient, names: list[str]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    waiting = names
    while waiting:
        described = {topic["topic"]: topic for topic in await admin.describe_topics(waiting)}
        waiting = [name for name in waiting if not _has_leaders(described.get(name))]
        if waiting and time.monotonic() > deadline:
            raise TimeoutError(f"no leader after {_READY_SECONDS:.0f} seconds: {', '.join(waiting)}")
        if waiting:
            await asyncio.sleep(0.05)


def _has_leaders(described: Mapping[str, object] | None) -> bool:
    if described is None or described["error_code"]:
        return False
    partitions = described["partitions"]
    assert isinstance(partitions, list)
    return bool(partitions) and all(partition["leader"] >= 0 for partition in partitions)


def _in_sync(brokers: int) -> int:
    """A majority of the copies, of which there are three at most."""
    return 2 if brokers >= 3 else 1  # noqa: PLR2004 - explained above


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


def main() -> int:
    """Create what is missing on the brokers that the environment names; the exit code says whether all is there."""
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP")
    if not bootstrap:
        sys.stderr.write("Set this environment variable: KAFKA_BOOTSTRAP\n")
        return 2
    try:
        asyncio.run(ensure_topics(bootstrap))
    except (KafkaError, TimeoutError) as error:
        sys.stderr.write(f"The topics could not be created on {bootstrap}: {error}\n")
        return 1
    sys.stdout.write(f"All {len(read_topics().topics)} topics are there.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
