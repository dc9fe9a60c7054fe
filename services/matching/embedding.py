"""Which sentence embeddings matching uses: those of the extra, if they are installed and wanted."""

from typing import Final, Literal

import structlog
from pydantic_settings import BaseSettings

from services.matching.engine.text.embedders import Embedder, SentenceEncoder, SmallE5
from services.matching.engine.text.encoder import Encoder

log = structlog.get_logger()

_BUNDLED: Final = (SmallE5, SentenceEncoder)


class EmbeddingSettings(BaseSettings):
    """`EMBEDDINGS=none` compares words alone: it takes less memory, and finds little across languages."""

    embeddings: Literal["bundled", "none"] = "bundled"


def encoder(settings: EmbeddingSettings) -> Encoder:
    """Return an encoder with the embeddings that are wanted; the log names one that cannot be loaded."""
    if settings.embeddings == "none":
        return Encoder(failed=_tell)
    texts, words = (_loaded(kind) for kind in _BUNDLED)
    return Encoder(texts, words, failed=_tell)


def _loaded(kind: type[SmallE5 | SentenceEncoder]) -> Embedder | None:
    try:
        return kind()
    except Exception as error:  # noqa: BLE001 - whatever a model fails with, matching goes on without it
        log.warning("embeddings left out", model=kind.name, error=repr(error))
        return None


def _tell(error: Exception) -> None:
    log.warning("embedding failed, comparing words alone", error=repr(error))
