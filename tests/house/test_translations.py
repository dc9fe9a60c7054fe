from pathlib import Path

import pytest

from tests.house.translations import complaints, merge

TEMPLATE = """
<title>{{ _("Ideas") }} · Innovationsmotor</title>
<p>{{ _("for %(name)s", name=owner) }} {{ ngettext("%(num)s idea", "%(num)s ideas", count) }} {{ kind|words }}</p>
"""
PYTHON = """
from typing import Literal
from shared.runtime.refusals import Invalid, NotFound

Colour = Literal["red", "sky_blue"]

def decide(few, kind):
    if few:
        raise Invalid("too-few", "Give at least %(least)s.", least=few)
    raise NotFound("idea" if kind else "need")
"""
GERMAN = {
    "Ideas": "Ideen",
    "for %(name)s": "für %(name)s",
    "Give at least %(least)s.": "Mindestens %(least)s.",
    "There is no such idea.": "Diese Idee gibt es nicht.",
    "There is no such need.": "Diesen Bedarf gibt es nicht.",
    "red": "rot",
    "sky_blue": "himmelblau",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A service all of whose texts are translated."""
    (tmp_path / "shared/web").mkdir(parents=True)
    (tmp_path / "services/things/counters/templates").mkdir(parents=True)
    (tmp_path / "services/things/counters/templates/idea.html").write_text(TEMPLATE)
    (tmp_path / "services/things/counters/domain.py").write_text(PYTHON)
    merge(tmp_path)
    for text, german in GERMAN.items():
        put(tmp_path, text, german)
    put(tmp_path, "red", "red", "en")
    put(tmp_path, "sky_blue", "sky blue", "en")
    catalogue = german_of(tmp_path)
    counted = 'msgstr[0] ""\nmsgstr[1] ""'
    assert counted in catalogue.read_text()
    catalogue.write_text(catalogue.read_text().replace(counted, 'msgstr[0] "%(num)s Idee"\nmsgstr[1] "%(num)s Ideen"'))
    return tmp_path


def german_of(root: Path) -> Path:
    return root / "services/things/locale/de.po"


def put(root: Path, text: str, said: str, language: str = "de") -> None:
    file = root / f"services/things/locale/{language}.po"
    before, found, after = file.read_text().partition(f'msgid "{text}"\nmsgstr "')
    assert found, text
    file.write_text(f'{before}{found}{said}"{after.partition(chr(34))[2]}')


def add(root: Path, template: str) -> None:
    (root / "services/things/counters/templates/more.html").write_text(template)


def test_where_all_is_translated_nothing_is_wrong(root: Path) -> None:
    assert complaints(root) == []
    before = german_of(root).read_text()
    merge(root)
    assert german_of(root).read_text() == before


@pytest.mark.parametrize(
    ("text", "said", "complaint"),
    [
        ("Ideas", "", "“Ideas” is not translated"),
        ("sky_blue", "", "“sky_blue” has no words"),
        ("for %(name)s", "für", "“for %(name)s” has other places"),
        ("for %(name)s", "für %(owner)s", "“for %(name)s” has other places"),
        ("for %(name)s", "für %(name)d", "“for %(name)s” has other places"),
        ("Ideas", "<b>Ideen</b>", "“Ideas” has marks of HTML"),
    ],
)
def test_a_translation_that_does_not_fit_fails(root: Path, text: str, said: str, complaint: str) -> None:
    put(root, text, said)
    [found] = complaints(root)
    assert found.startswith(f"services/things/locale/de.po: {complaint}")


def test_english_words_of_codes_are_wanted_too(root: Path) -> None:
    put(root, "sky_blue", "", "en")
    assert complaints(root) == ["services/things/locale/en.po: “sky_blue” has no words"]


def test_a_fuzzy_translation_fails(root: Path) -> None:
    catalogue = german_of(root)
    catalogue.write_text(catalogue.read_text().replace('msgid "Ideas"', '#, fuzzy\nmsgid "Ideas"'))
    assert complaints(root) == ["services/things/locale/de.po: “Ideas” is marked as fuzzy"]


def test_what_is_new_comes_in_and_what_is_old_goes(root: Path) -> None:
    add(root, '{{ _("News") }}')
    [new] = complaints(root)
    assert "“News” is not there yet" in new
    merge(root)
    put(root, "News", "Neues")
    assert complaints(root) == []
    add(root, "")
    [old] = complaints(root)
    assert "“News” is no text any more" in old
    merge(root)
    assert complaints(root) == []
    assert "Ideen" in german_of(root).read_text()
    assert "Neues" not in german_of(root).read_text()


@pytest.mark.parametrize(
    "template",
    [
        "<p>Hello</p>",
        "<p>{{ name }} says hello</p>",
        '<img alt="A picture">',
        '<button aria-label="Close">x</button>',
        '{{ "Hello you" if name }}',
        "{{ _(kind) }}",
        '{{ _("Hello " ~ name) }}',
        "{% for broken %}",
    ],
)
def test_a_text_that_nobody_can_translate_fails(root: Path, template: str) -> None:
    add(root, template)
    found = complaints(root)
    assert found
    assert all(one.startswith("services/things/counters/templates/more.html:1: ") for one in found)


def test_what_is_no_text_is_left_alone(root: Path) -> None:
    add(root, '<p class="soft big">{{ ", " if name }}· <code>docs/contracts</code></p>{# A remark #}')
    assert complaints(root) == []


@pytest.mark.parametrize("text", ['f"This is {few}."', '"This is " + few', '"This is {}.".format(few)'])
def test_a_text_that_is_put_together_fails(root: Path, text: str) -> None:
    (root / "services/things/counters/commands.py").write_text(
        f"raise Forbidden({text})\nraise HTTPException(403, {text})"
    )
    assert [one.partition(":1: ")[0].partition(":2: ")[0] for one in complaints(root)] == [
        "services/things/counters/commands.py"
    ] * 2


def test_a_sentence_that_is_no_message_fails(root: Path) -> None:
    (root / "services/things/counters/pages.py").write_text('"""What it is."""\n\nPROBLEM = "Nobody has this."\n')
    assert complaints(root) == ["services/things/counters/pages.py:3: “Nobody has this.” is no Message"]


def test_what_is_made_of_a_refusal_takes_its_text_at_the_same_place(root: Path) -> None:
    (root / "services/things/counters/refusals.py").write_text(
        'class TooOften(Refused):\n    status = 429\n\nraise TooOften("too-often", "Wait a moment.")\n'
    )
    [new] = complaints(root)
    assert "“Wait a moment.” is not there yet" in new
