from pathlib import Path

import pytest

from shared.runtime.settings import Settings


@pytest.fixture
def _secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Settings.model_config, "secrets_dir", tmp_path)
    monkeypatch.delenv("POSTGRES_DSN", raising=False)
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "kafka:9092")
    (tmp_path / "postgres_dsn").write_text("postgresql://profiles:secret@postgres/profiles\n")


@pytest.mark.usefixtures("_secrets")
def test_a_secret_comes_from_a_file() -> None:
    settings = Settings()
    assert settings.postgres_dsn == "postgresql://profiles:secret@postgres/profiles"
    assert settings.kafka_bootstrap == "kafka:9092"


@pytest.mark.usefixtures("_secrets")
def test_the_environment_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_DSN", "postgresql://elsewhere/profiles")
    assert Settings().postgres_dsn == "postgresql://elsewhere/profiles"
