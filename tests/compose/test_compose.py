"""What `make up` promises, on the real containers. Each test leaves everything running."""

import json
import re
import socket
import time
from collections.abc import Callable

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.ports import HOST
from deploy.topics import read_topics
from tests.compose.stack import SERVICES, Compose, ComposeError

_EVERYTHING = ("postgres", "kafka", *SERVICES, "mailpit", "gateway")
_HEALTH = {**{name: f"/{name}/health/ready" for name in SERVICES}, "mailpit": "/mail/readyz"}
_BACK_SECONDS = 120.0


def _get(compose: Compose, path: str, **headers: str) -> httpx.Response:
    return httpx.get(compose.address + path, headers=headers, timeout=10, trust_env=False)


def _answers(compose: Compose, service: str) -> bool:
    try:
        return _get(compose, _HEALTH[service]).status_code == 200
    except httpx.TransportError:
        return False


def _await(condition: Callable[[], bool], what: str) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < _BACK_SECONDS, what
        time.sleep(0.2)
    return time.monotonic() - began


def _register(compose: Compose, name: str) -> str:
    answer = httpx.post(
        f"{compose.address}/profiles/api/organisations",
        json={"name": name, "kind": "company", "clusters": ["chemistry"]},
        headers={"Authorization": f"Bearer {compose.token('manager')}"},
        timeout=30,
        trust_env=False,
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_everything_is_healthy(compose: Compose) -> None:
    for service in _EVERYTHING:
        compose.wait_healthy(service)
    for service, path in _HEALTH.items():
        assert _get(compose, path).status_code == 200, service


def test_a_second_up_changes_nothing_and_says_where_to_sign_in(compose: Compose) -> None:
    # Not the services, whose image may have another content by now: somebody may be at work here.
    watched = ("postgres", "kafka", "mailpit", "gateway")
    before = [compose.container(service) for service in watched]
    said = compose.up()
    assert [compose.container(service) for service in watched] == before
    for actor in ("manager", "operator"):
        assert re.search(rf"{actor}: +{compose.address}/profiles/sign-in/link\?key=[\w-]{{43}}\n", said)


def test_the_gateway_leads_on(compose: Compose) -> None:
    assert _get(compose, "/").headers["location"] == "/notify/home"
    nothing = _get(compose, "/nothing")
    assert (nothing.status_code, nothing.json()["title"]) == (404, "Nothing is here")
    # What stands before `..` does not become the host that is asked: that one would be away, 502.
    odd = httpx.URL(compose.address).copy_with(raw_path=b"/elsewhere.example/../profiles/health/live")
    assert httpx.get(odd, timeout=10, trust_env=False).status_code in {200, 404}


def test_what_a_client_claims_about_itself_does_not_count(compose: Compose) -> None:
    """A form from another page must not pass by saying that it was forwarded for that page."""
    for origin, status in (("http://elsewhere.example", 403), (compose.address, 303)):
        key = compose.accounts("link", "manager@innovationsmotor.example").strip().rpartition("=")[2]
        answer = httpx.post(
            f"{compose.address}/profiles/sign-in/link",
            data={"key": key},
            headers={
                "Origin": origin,
                "X-Forwarded-Host": "elsewhere.example",
                "X-Forwarded-Proto": "https",
                "Forwarded": "host=elsewhere.example;proto=https",
            },
            trust_env=False,
        )
        assert answer.status_code == status
        assert "secure" not in answer.headers.get("set-cookie", "").lower()


async def test_a_role_reaches_its_own_database_alone(compose: Compose) -> None:
    for service in SERVICES:
        connection = await asyncpg.connect(compose.dsn(service))
        assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert await connection.fetchval("SELECT true FROM pg_extension WHERE extname = 'vector'")
        await connection.close()
        for other in {*SERVICES, "postgres", "template1"} - {service}:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(compose.dsn(service, database=other))


async def test_the_topics_are_there_for_a_reader_outside(compose: Compose) -> None:
    file = read_topics()
    names = [topic.name for topic in file.topics]
    async with AIOKafkaConsumer(*names, bootstrap_servers=compose.bootstrap) as consumer:
        for name in names:
            assert consumer.partitions_for_topic(name) == set(range(file.partitions))
        # The address that the broker gives to its clients can be reached from here.
        assert await consumer.end_offsets([TopicPartition(names[0], 0)])


@pytest.mark.parametrize("service", [*_EVERYTHING, "databases", "topics"])
def test_a_container_has_no_privilege_and_writes_nowhere(compose: Compose, service: str) -> None:
    [inspected] = json.loads(compose.run("docker", "inspect", compose.container(service)))
    host = inspected["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    allowed = {"NET_BIND_SERVICE"} if service == "gateway" else set()
    assert {name.removeprefix("CAP_") for name in host["CapAdd"] or []} == allowed
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Memory"] > 0
    assert host["LogConfig"]["Config"]["max-size"]
    assert inspected["Config"]["User"] not in {"", "0", "root"}
    ports = [one for bound in (host["PortBindings"] or {}).values() for one in bound]
    assert {one["HostIp"] for one in ports} <= {HOST}
    said = json.dumps([inspected["Config"]["Env"], inspected["Args"], inspected["Config"]["Labels"]])
    for secret in compose.secrets.iterdir():
        assert secret.read_text().strip() not in said
    if service in _EVERYTHING:
        status = compose.docker("exec", "-T", service, "cat", "/proc/1/status")
        assert "Uid:\t0" not in status
        assert "CapEff:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status


def test_only_the_services_reach_the_databases_and_the_broker(compose: Compose) -> None:
    for service in ("gateway", "mailpit"):
        [inspected] = json.loads(compose.run("docker", "inspect", compose.container(service)))
        assert [name.rpartition("_")[2] for name in inspected["NetworkSettings"]["Networks"]] == ["front"]


@pytest.mark.parametrize("service", _EVERYTHING)
def test_a_container_is_killed_and_comes_back_while_the_others_go_on(
    compose: Compose, service: str, record_property: Callable[[str, object], None]
) -> None:
    compose.docker("kill", service)
    away = {
        "gateway": set(_HEALTH),
        "postgres": set(SERVICES),
        "kafka": {"matching", "events", "notify"},
    }.get(service, {service})
    for other in set(_HEALTH) - away:
        assert _answers(compose, other), other
    if service in _HEALTH:
        answer = _get(compose, _HEALTH[service])
        assert (answer.status_code, answer.json()["title"]) == (502, "The service does not answer")
    if service == "kafka":  # what a person does is kept until the broker is back
        _register(compose, "Patience & Co")
    compose.docker("start", service)
    seconds = _await(
        lambda: all(_answers(compose, other) for other in _HEALTH), f"not all answer after {service} was killed"
    )
    record_property("seconds until all are ready", f"{seconds:.1f}")
    compose.wait_healthy(service)


def test_a_service_waits_for_a_database_that_comes_late(compose: Compose) -> None:
    compose.docker("stop", "postgres")
    compose.docker("restart", "profiles")
    _await(
        lambda: "waiting for the database" in compose.docker("logs", "--since", "20s", "profiles"), "it says nothing"
    )
    compose.docker("start", "postgres")
    _await(lambda: all(_answers(compose, service) for service in SERVICES), "it does not go on")


def test_data_survive_down_and_up_even_with_new_secrets(
    compose: Compose, record_property: Callable[[str, object], None]
) -> None:
    organisation = _register(compose, "Keep & Sons")
    compose.down()
    for secret in ("profiles_dsn", "postgres_password"):
        (compose.secrets / secret).unlink()
    began = time.monotonic()
    said = compose.up()
    record_property("seconds to up", f"{time.monotonic() - began:.0f}")
    assert "Made in" in said
    authorization = f"Bearer {compose.token('manager')}"
    answer = _get(compose, f"/profiles/api/organisations/{organisation}", Authorization=authorization)
    assert answer.json()["description"]["name"] == "Keep & Sons"


def test_a_port_that_is_taken_is_named_with_a_way_out(compose: Compose) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ComposeError, match=rf"Port {port} .* is in use[^$]*PORT={port + 1} make up"):
            compose.up(PORT=str(port))
    assert _answers(compose, "profiles")


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1"])
def test_what_is_no_port_is_refused(compose: Compose, port: str) -> None:
    with pytest.raises(ComposeError, match=f"KAFKA_PORT={port} is no port"):
        compose.up(KAFKA_PORT=port)
