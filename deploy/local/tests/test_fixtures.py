import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.fixtures import CloneDatabase, MakeTemplate, MakeTopic
from deploy.local.kinds import Broker, DatabaseServer
from deploy.topics import create_topic, ensure_topics, read_topics


async def _query(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def _produce(bootstrap: str, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=2_000_000) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def _consume(bootstrap: str, topic: str, count: int) -> list[bytes | None]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with consumer:
        return [(await consumer.getone()).value for _ in range(count)]


@pytest.mark.postgres
async def test_an_empty_database_belongs_to_a_role_without_special_rights(empty_database: str) -> None:
    await _query(empty_database, "CREATE TABLE thing (v vector(3))")
    assert await _query(empty_database, "SELECT count(*) FROM thing") == 0
    assert await _query(empty_database, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


@pytest.mark.postgres
async def test_a_template_is_migrated_once_and_its_clones_are_apart(
    make_template: MakeTemplate, clone: CloneDatabase
) -> None:
    runs = []

    async def migrate(dsn: str) -> None:
        runs.append(dsn)
        await _query(dsn, "CREATE TABLE thing ()")

    await make_template("clones", migrate)
    await make_template("clones", migrate)
    first, second = await clone("clones"), await clone("clones")
    await _query(first, "INSERT INTO thing DEFAULT VALUES")

    assert len(runs) == 1
    assert await _query(first, "SELECT count(*) FROM thing") == 1
    assert await _query(second, "SELECT count(*) FROM thing") == 0


@pytest.mark.kafka
async def test_a_topic_takes_records_of_more_than_a_mebibyte_when_told_so(
    kafka_bootstrap: str, topic: MakeTopic
) -> None:
    name = await topic(partitions=1, max_message_bytes="2000000")
    big = b"x" * 1_200_000
    await _produce(kafka_bootstrap, name, big)
    assert await _consume(kafka_bootstrap, name, 1) == [big]


@pytest.mark.kafka
async def test_the_topics_of_the_system_are_created_once(own_kafka: Broker) -> None:
    await ensure_topics(own_kafka.bootstrap, partitions=3)
    await ensure_topics(own_kafka.bootstrap, partitions=5)  # existing ones stay as they are
    admin = AIOKafkaAdminClient(bootstrap_servers=own_kafka.bootstrap)
    await admin.start()
    described = await admin.describe_topics([topic.name for topic in read_topics().topics])
    await admin.close()
    assert {len(topic["partitions"]) for topic in described} == {3}


@pytest.mark.kafka
@pytest.mark.parametrize("crash", [True, False])
async def test_a_broker_keeps_records_and_port_over_a_restart(own_kafka: Broker, crash: bool) -> None:
    address = own_kafka.bootstrap
    await create_topic(address, "kept", 1, {})
    await _produce(address, "kept", b"1", b"2")
    await (own_kafka.kill() if crash else own_kafka.stop())
    await own_kafka.start()
    assert own_kafka.bootstrap == address
    assert await _consume(address, "kept", 2) == [b"1", b"2"]


@pytest.mark.kafka
async def test_a_paused_broker_can_be_resumed_and_stopped(own_kafka: Broker) -> None:
    await create_topic(own_kafka.bootstrap, "kept", 1, {})
    own_kafka.pause()
    own_kafka.resume()
    await _produce(own_kafka.bootstrap, "kept", b"1")
    own_kafka.pause()
    await own_kafka.stop()


@pytest.mark.postgres
async def test_committed_rows_survive_a_crash_of_the_server(own_postgres: DatabaseServer) -> None:
    dsn = own_postgres.dsn
    await _query(dsn, "CREATE TABLE kept AS SELECT 1 AS n")
    await own_postgres.kill()
    await own_postgres.start()
    assert own_postgres.dsn == dsn
    assert await _query(dsn, "SELECT n FROM kept") == 1
