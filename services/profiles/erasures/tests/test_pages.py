"""The pages of erasure, as a browser without a script meets them."""

from uuid import uuid4

import pytest

from services.profiles.erasures.tests.canaries import CANARY, write_everywhere
from services.profiles.tests.examples import ALGA
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P16")]

ASK = f"/profiles/erasures/organisation/{ALGA}"


async def test_it_says_what_will_be_gone_and_takes_a_tick_to_do_it(profiles: ServiceClient) -> None:
    await write_everywhere(profiles.acting_as("anna"), ALGA)
    anna = profiles.signed_in("anna")
    page = await anna.get(ASK)
    assert page.status_code == 200
    for said in (CANARY, "needs and offers: 2", "ideas with what was written about them: 3", "What stays"):
        assert said in page.text
    unsure = await anna.post(ASK, data={"command_id": str(uuid4())})
    assert unsure.status_code == 422
    assert 'id="sure-error"' in unsure.text
    assert (await anna.get(f"/profiles/organisations/{ALGA}")).status_code == 200

    done = await anna.post(ASK, data={"command_id": str(uuid4()), "sure": "yes"})
    assert done.status_code == 303
    receipt = await profiles.anonymous.get(done.headers["Location"])
    assert "This receipt names no one." in receipt.text
    assert (await anna.get(f"/profiles/organisations/{ALGA}")).status_code == 404
    assert (await anna.get(ASK)).status_code == 404


async def test_an_idea(profiles: ServiceClient) -> None:
    ideas = await write_everywhere(profiles.acting_as("anna"), ALGA)
    anna, ask = profiles.signed_in("anna"), f"/profiles/erasures/idea/{ideas['anonymous']}"
    assert "Erase this idea?" in (await anna.get(ask)).text
    assert (await anna.post(ask, data={"sure": "yes"})).status_code == 303
    assert (await anna.get(f"/profiles/ideas/{ideas['anonymous']}")).status_code == 404


async def test_it_is_shown_to_those_who_may_and_linked_where_it_is_looked_for(profiles: ServiceClient) -> None:
    for who, status in (("ben", 403), ("eva", 403), ("mia", 200), ("ole", 200), ("anna", 200)):
        browser = profiles.signed_in(who)
        assert (await browser.get(ASK)).status_code == status, who
        page = await browser.get(f"/profiles/organisations/{ALGA}")
        assert (f'href="{ASK}"' in page.text) is (status == 200), who


async def test_there_is_no_such_receipt(profiles: ServiceClient) -> None:
    assert (await profiles.anonymous.get(f"/profiles/receipts/{uuid4()}")).status_code == 404
    assert (await profiles.anonymous.get(f"/profiles/api/receipts/{uuid4()}")).status_code == 404
