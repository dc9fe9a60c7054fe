"""A consumer that knows nothing of the services but `docs/contracts/`: it stands for an integrator."""

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer
from jsonschema import Draft202012Validator, FormatChecker

SCHEMAS = Path(__file__).parents[2] / "docs" / "contracts" / "schemas"


@dataclass(frozen=True)
class Read:
    """A record that was read and found valid."""

    key: str
    partition: int
    offset: int
    event: dict[str, Any]

    @property
    def type(self) -> str:
        """The event's type without namespace and version, as `match-proposed`."""
        return str(self.event["type"]).removeprefix("innovationsmotor.").removesuffix(".v1")

    @property
    def data(self) -> dict[str, Any]:
        """The state that it carries."""
        found: dict[str, Any] = self.event["data"]
        return found

    @property
    def order(self) -> tuple[int, int]:
        """The place of that state among those of its key."""
        return self.data["epoch"], self.data["version"]


async def read_topic(bootstrap: str, topic: str) -> list[Read]:
    """Read a topic as it stands, from the beginning to the end that it has now; every record must fit its schema."""
    # Without a group it is assigned all partitions of its topic.
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        assert ends, f"{topic} has no partitions"
        found: list[Read] = []
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [_valid(record) for record in records if not record.key.startswith(b"heartbeat-")]
        return found
    finally:
        await consumer.stop()


def by_key(records: list[Read]) -> dict[str, list[Read]]:
    """Group records by key, in the order of the topic."""
    grouped: dict[str, list[Read]] = defaultdict(list)
    for record in records:
        grouped[record.key].append(record)
    return grouped


def newest(records: list[Read]) -> dict[str, Read]:
    """Return the newest state of each key."""
    return {key: max(each, key=lambda record: record.order) for key, each in by_key(records).items()}


def _valid(record: Any) -> Read:
    event = json.loads(record.value)
    _validator(event["type"].removeprefix("innovationsmotor.")).validate(event)
    key = record.key.decode()
    assert key == event["subject"], "the key is the subject"
    return Read(key, record.partition, record.offset, event)


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    return Draft202012Validator(schema, format_checker=FormatChecker())
