"""The pages that no address leads to: what comes back when something was sent, and when something is wrong."""

from dataclasses import dataclass, field
from typing import Final

import pytest

from tests.browser.stage import Stage, Who
from tests.browser.windows import WITH_SCRIPTS, View, Windows


@dataclass(frozen=True)
class Sent:
    """A form that somebody sends: where it stands, where it goes if that is elsewhere, and what is typed."""

    who: Who
    place: str
    action: str
    typed: dict[str, str] = field(default_factory=dict)


_SENT: Final = {
    "a link is on its way": Sent("visitor", "/profiles/sign-in", "/profiles/sign-in", {"email": "no@one.example"}),
    "no address": Sent("visitor", "/profiles/sign-in", "/profiles/sign-in"),
    "a link that was never made": Sent("visitor", "/profiles/sign-in/link?key=none", "/profiles/sign-in/link"),
    "an idea that says nothing": Sent("member", "/profiles/ideas/new", "/profiles/ideas/new"),
    "a key without scopes": Sent("integrator", "/profiles/settings", "/profiles/settings/keys", {"name": "Board"}),
    "a key": Sent("integrator", "/profiles/settings", "/profiles/settings/keys", {"name": "Board", "scopes": "yes"}),
    "a gathering without a time": Sent("manager", "/events/gatherings/new", ""),
}

_PROBLEMS: Final[dict[str, tuple[Who, int]]] = {
    "/profiles/nowhere": ("visitor", 404),
    "/events/gatherings/00000000-0000-0000-0000-000000000000": ("member", 404),
    "/profiles/accounts": ("member", 403),
}

_TYPE: Final = "(field, text) => { if (field.type === 'checkbox') field.checked = true; else field.value = text; }"
# Past the browser, which would not send some of it: what it knows to be wrong, a service says in its own words.
_SEND: Final = "(form) => { form.noValidate = true; form.requestSubmit(); }"


@pytest.mark.parametrize("view", WITH_SCRIPTS, ids=str)
@pytest.mark.parametrize("what", _SENT)
async def test_what_comes_back(what: str, view: View, on_stage: Stage, windows: Windows) -> None:
    sent = _SENT[what]
    window = await windows.of(view, sent.who)
    await window.page.goto(on_stage.address + sent.place)
    form = window.page.locator(f"main form[action='{sent.action}']" if sent.action else "main form:not([action])")
    for name, text in sent.typed.items():
        await form.locator(f"[name={name}]").first.evaluate(_TYPE, text)
    async with window.page.expect_navigation():
        await form.evaluate(_SEND)

    faults = await window.faults_here()
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("view", WITH_SCRIPTS, ids=str)
@pytest.mark.parametrize("path", _PROBLEMS)
async def test_problem(path: str, view: View, windows: Windows) -> None:
    who, status = _PROBLEMS[path]

    faults = await (await windows.of(view, who)).faults(path, status)

    assert not faults, "\n".join(faults)
