"""Vectors over a restart, on the real database."""

from datetime import timedelta

import pytest

from services.matching.conftest import Matching
from services.matching.conversations.tests.talking import erased
from services.matching.engine.tests.embedding import Meanings
from services.matching.engine.text.encoder import Encoder
from services.matching.matches.recomputation import Recomputation
from services.matching.matches.tests.examples import OTHER, SEEKER, entry, profile

pytestmark = pytest.mark.postgres

NEED = entry("Kläranlage", "Wir suchen eine Membran für unsere Kläranlage.")
OFFER = entry("Membran", "Wir bauen eine Membran für jede Kläranlage.")


def beginning(matching: Matching, embedder: Meanings) -> Recomputation:
    """The worker as it is after a start of the service."""
    return Recomputation(matching.commands, _at_once, settle=timedelta(), encoder=Encoder(embedder))


async def _at_once() -> None:
    """Nothing to catch up with."""


async def stored(matching: Matching) -> int:
    return int(await matching.commands.pool.fetchval("SELECT count(*) FROM text_vector"))


async def test_a_start_embeds_nothing_that_was_embedded_before(matching: Matching) -> None:
    await matching.tell(profile(SEEKER, needs=(NEED,)), profile(OTHER, offers=(OFFER,)))
    first, second = Meanings(), Meanings()
    await beginning(matching, first).work_off()
    again = beginning(matching, second)
    await again.work_off()
    assert first.asked > second.asked == 0
    assert await stored(matching) == len(again.encoder.known)


async def test_what_is_taken_back_or_erased_takes_its_vectors_along(matching: Matching) -> None:
    await matching.tell(profile(SEEKER, needs=(NEED,)), profile(OTHER, offers=(OFFER,)))
    worker = beginning(matching, Meanings())
    await worker.work_off()
    before = await stored(matching)
    await matching.tell(profile(OTHER, version=2))
    await worker.work_off()
    assert await stored(matching) == before - 1
    await matching.tell(erased(SEEKER))
    await worker.work_off()
    assert await stored(matching) == before - 2


async def test_what_was_left_by_a_kill_is_dropped_at_the_next_start(matching: Matching) -> None:
    await matching.tell(profile(SEEKER, needs=(NEED,)), profile(OTHER, offers=(OFFER,)))
    await beginning(matching, Meanings()).work_off()
    before = await stored(matching)
    await matching.tell(profile(SEEKER, version=2))
    await beginning(matching, Meanings()).work_off()
    assert await stored(matching) == before - 1


async def test_vectors_of_another_embedder_or_length_do_not_count(matching: Matching) -> None:
    await matching.tell(profile(OTHER, offers=(OFFER,)))
    await beginning(matching, Meanings()).work_off()
    before = await stored(matching)
    await matching.commands.pool.execute("UPDATE text_vector SET vector = '\\x00'")
    other = Meanings()
    other.name = "meanings-2"
    await beginning(matching, other).work_off()
    assert other.asked > 0
    assert await stored(matching) == before
