"""Sentence vectors over a restart: as raw single-precision numbers, by the hash of their text and by what made them."""

from typing import Final

import numpy as np

from services.matching.engine.text.encoder import Encoder
from shared.runtime.database import Pool

LOAD: Final = "SELECT name, vector FROM text_vector WHERE embedder = $1"
KEEP: Final = """
    INSERT INTO text_vector SELECT $1, * FROM unnest($2::bytea[], $3::bytea[])
    ON CONFLICT (embedder, name) DO NOTHING
"""
DROP: Final = "DELETE FROM text_vector WHERE name = ANY($1::bytea[])"
DROP_OTHERS: Final = "DELETE FROM text_vector WHERE embedder <> $1"

_TYPE: Final = np.dtype("<f4")


async def load(pool: Pool, encoder: Encoder) -> None:
    """Let the encoder know what is stored of its vectors; those of another one are dropped, and so are cut ones."""
    if not encoder.dimensions:
        return
    await pool.execute(DROP_OTHERS, encoder.name)
    for row in await pool.fetch(LOAD, encoder.name):
        if len(row["vector"]) == encoder.dimensions * _TYPE.itemsize:
            encoder.known.setdefault(row["name"], np.frombuffer(row["vector"], dtype=_TYPE))


async def store(pool: Pool, encoder: Encoder) -> None:
    """Store what the encoder learned, and drop what it forgot."""
    fresh, gone = sorted(encoder.fresh), sorted(encoder.gone)
    if gone:
        await pool.execute(DROP, gone)
        encoder.gone.difference_update(gone)
    if fresh:
        vectors = [encoder.known[name].astype(_TYPE).tobytes() for name in fresh]
        await pool.execute(KEEP, encoder.name, fresh, vectors)
        encoder.fresh.difference_update(fresh)
