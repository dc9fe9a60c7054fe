"""Organisations and ideas in over HTTP, explained match proposals out on Kafka: both processes, both servers, real."""

from collections.abc import Callable
from time import monotonic

import pytest

from tests.end_to_end.community import Community
from tests.end_to_end.ledger import check, settled, until
from tests.end_to_end.system import System
from tests.end_to_end.topics import newest, read_topic

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

NEED = (
    "Membranfiltration für Spülwasser",
    "Wir suchen eine Membranfiltration, die Nickel aus dem Spülwasser der Galvanik zurückhält.",
)
OFFER = (
    "Keramische Membranfiltration",
    "Unsere keramische Membranfiltration hält Nickel und Kupfer aus Spülwasser zurück.",
)


@pytest.mark.covers("M1")
async def test_from_a_need_and_an_offer_to_an_agreed_match(stack: System, community: Community) -> None:
    seeker = await community.register("Beispiel Galvanik GmbH")
    supplier = await community.register("Beispiel Membran GmbH")
    await community.state(seeker, "needs", *NEED)
    await community.state(supplier, "offers", *OFFER)

    async def proposed() -> bool:
        return bool(await community.matches(seeker))

    await until(proposed, "the match is proposed", seconds=10)
    [match] = await community.matches(seeker)
    assert match["why_you_want_them"][0]["phrase"] in f"{OFFER[0]} {OFFER[1]}"
    assert match["why_they_want_you"][0]["phrase"] in f"{NEED[0]} {NEED[1]}"

    await community.respond(match["id"], seeker, "yes")
    await community.respond(match["id"], supplier, "yes")
    await settled(stack)
    [agreed] = newest(await read_topic(stack.servers.bootstrap, "matching.matches.v1")).values()
    assert (agreed.type, agreed.data["state"], agreed.data["version"]) == ("match-agreed", "agreed", 2)
    [parties] = newest(await read_topic(stack.servers.bootstrap, "matching.parties.v1")).values()
    assert {party["organisation_id"] for party in parties.data["parties"]} == {seeker, supplier}
    await check(stack, community)


@pytest.mark.covers("P11")
async def test_an_idea_finds_who_could_do_it(community: Community) -> None:
    owner = await community.register("Beispiel Färberei GmbH")
    idea = await community.post(owner, "Farbstoffe aus Abwasser", "Kupfer und Nickel aus Spülwasser filtern.")

    async def proposed() -> bool:
        return bool(await community.matches(owner))

    await until(proposed, f"the idea {idea} is proposed to someone", seconds=10)
    [match] = await community.matches(owner)
    assert match["other"]["name"] == "Beispiel Membran GmbH"
    await community.send("POST", f"/profiles/api/ideas/{idea}/close", {"reason": "done"})

    async def withdrawn() -> bool:
        return bool(await community.matches(owner, "withdrawn"))

    await until(withdrawn, "a closed idea takes its proposal along", seconds=10)


@pytest.mark.covers("P6")
async def test_a_withdrawn_consent_withdraws_what_rested_on_it(
    stack: System, community: Community, record_property: Callable[[str, object], None]
) -> None:
    seeker = await community.register("Beispiel Härterei GmbH")
    await community.state(seeker, "needs", *NEED)

    async def proposed() -> bool:
        return bool(await community.matches(seeker, "proposed"))

    await until(proposed, "the match is proposed", seconds=10)
    await community.consent(seeker, give=False)
    begin = monotonic()

    async def withdrawn() -> bool:
        return bool(await community.matches(seeker, "withdrawn"))

    await until(withdrawn, "the proposal is withdrawn", seconds=10)
    record_property("seconds_to_withdraw", round(monotonic() - begin, 3))
    await settled(stack)
    await check(stack, community)
