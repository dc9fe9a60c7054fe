import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.demo.watching import GATHERINGS, IDEAS, MATCHES, ORGANISATIONS, REGISTRATIONS, Watcher, watching
from deploy.local.fixtures import MakeTopic


def _event(kind: str, subject: str, **data: str) -> dict[str, Any]:
    return {"type": f"innovationsmotor.{kind}.v1", "subject": subject, "data": data}


@pytest.fixture(scope="session")
async def producer(kafka_bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap) as producer:
        yield producer


async def _send(producer: AIOKafkaProducer, topic: str, kind: str, key: str | None = None, **data: str) -> str:
    subject = key or str(uuid4())
    await producer.send_and_wait(topic, json.dumps(_event(kind, subject, **data)).encode(), subject.encode())
    return subject


async def _caught_up(watcher: Watcher) -> None:
    while await watcher.behind():
        pass


@pytest.mark.kafka
async def test_it_counts_what_stands_on_the_topics(
    kafka_bootstrap: str, producer: AIOKafkaProducer, topic: MakeTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {name: await topic() for name in ("ORGANISATIONS", "IDEAS", "MATCHES", "GATHERINGS", "REGISTRATIONS")}
    for name, topic_name in names.items():
        monkeypatch.setattr(f"deploy.local.demo.watching.{name}", topic_name)
    organisations, ideas, matches, gatherings, registrations = names.values()
    kept, gone = [await _send(producer, organisations, "profile-updated") for _ in range(2)]
    await _send(producer, organisations, "profile-updated", kept)
    await _send(producer, organisations, "profile-erased", gone)
    await _send(producer, organisations, "heartbeat", "heartbeat-3")
    await _send(producer, ideas, "idea-posted")
    proposed = [await _send(producer, matches, "match-proposed") for _ in range(3)]
    await _send(producer, matches, "match-proposed", proposed[0])  # a duplicate
    await _send(producer, matches, "match-agreed", proposed[0])
    await _send(producer, matches, "match-declined", proposed[1])

    for state in ("announced", "cancelled"):
        await _send(producer, gatherings, f"gathering-{state}", state=state)
    moved_up = await _send(producer, registrations, "registration-updated", state="waiting")
    await _send(producer, registrations, "registration-updated", moved_up, state="registered")
    gone = await _send(producer, registrations, "registration-updated", state="registered")
    await _send(producer, registrations, "registration-updated", gone, state="cancelled")

    async with watching(kafka_bootstrap, list(names.values())) as watcher:
        await _caught_up(watcher)
        assert watcher.tally.counts() == {
            "organisations": 1,
            "ideas": 1,
            "matches_proposed": 3,
            "matches_agreed": 1,
            "gatherings": 1,
            "registrations": 1,
        }
        seen_at = watcher.first_match_at
        assert seen_at is not None
        await watcher.news()
        await _send(producer, matches, "match-proposed")
        await watcher.news()  # it goes on reading
        await _caught_up(watcher)
        assert watcher.tally.counts()["matches_proposed"] == 4
        assert watcher.first_match_at == seen_at


@pytest.mark.kafka
async def test_what_it_cannot_read_is_not_passed_over(
    kafka_bootstrap: str, producer: AIOKafkaProducer, topic: MakeTopic
) -> None:
    name = await topic(partitions=1)
    await producer.send_and_wait(name, b"no json", b"key")
    async with watching(kafka_bootstrap, [name]) as watcher:
        with pytest.raises(json.JSONDecodeError):
            await _caught_up(watcher)


def test_it_watches_the_topics_of_the_contracts() -> None:
    # Written out there, so that it depends on nothing of those who produce; compared here.
    from shared.contracts import gatherings, ideas, matches, organisations, registrations  # noqa: PLC0415

    assert (ORGANISATIONS, IDEAS, MATCHES) == (organisations.TOPIC, ideas.TOPIC, matches.TOPIC)
    assert (GATHERINGS, REGISTRATIONS) == (gatherings.TOPIC, registrations.TOPIC)
