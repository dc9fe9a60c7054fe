import pytest

from deploy.containers import choice, engine
from deploy.containers.choice import CONTAINERS, choose
from deploy.local.errors import StackError
from deploy.local.kinds import EMBEDDED


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
