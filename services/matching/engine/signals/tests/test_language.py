import pytest

from services.matching.engine.signals.language import language
from services.matching.engine.signals.signal import Evidence
from services.matching.engine.signals.tests.builders import entry, party

pytestmark = pytest.mark.covers("M2")


def spoken(mine: str, theirs: str, wrote: str = "", written: str = "") -> Evidence:
    need, offer = entry("need", language=wrote), entry("offer", language=written)
    return language(party(languages=tuple(mine.split())), need, party(languages=tuple(theirs.split())), offer)


def test_no_common_language_speaks_against() -> None:
    assert spoken("de", "en fr") == Evidence(-1)


def test_a_common_language_is_the_rule() -> None:
    assert spoken("de en", "EN fr") == Evidence(0)


def test_who_wrote_in_a_language_knows_it() -> None:
    assert spoken("de", "fr", written="de") == Evidence(0)
    assert spoken("", "", wrote="en", written="en") == Evidence(0)


def test_who_did_not_say_may_speak_it() -> None:
    assert spoken("", "fr", wrote="de") == Evidence(0, ("name-languages",))
    assert spoken("de", "") == Evidence(0, ("state-languages",))
