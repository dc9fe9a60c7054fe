"""A window that overlooks something would let every page pass: here is a page that does everything wrong."""

from typing import Final

from playwright.async_api import Route

from tests.browser.windows import MOST_BYTES, WITH_SCRIPTS, Windows

_CSP: Final = "default-src 'none'; script-src 'self'; img-src http:"
_HEADERS: Final = {"Content-Security-Policy": _CSP, "Content-Type": "text/html"}
_WRONG: Final = f"""<!doctype html><html lang="nl"><title> · Innovationsmotor</title>
<body><h1>One</h1><h1>Two</h1><p style="color: red">Red</p><table width="2000"><tr><td>Wide</table>
<script>alert(1)</script><script src="/wrong/script.js"></script>
<img src="http://elsewhere.example/picture.png">
<p>{"long " * (MOST_BYTES // 5)}</p></body></html>"""
_SHIFTS: Final = """
addEventListener("load", () => {
    const late = document.createElement("p");
    late.textContent = "late ".repeat(5000);
    document.body.prepend(late);
});
throw new Error("broken");"""


async def test_a_window_overlooks_nothing(windows: Windows) -> None:
    window = await windows.new(WITH_SCRIPTS[0])

    async def serve(route: Route) -> None:
        if route.request.url.endswith(".js"):
            await route.fulfill(body=_SHIFTS, content_type="text/javascript")
        elif route.request.url.endswith("/wrong"):
            await route.fulfill(status=418, body=_WRONG, headers=_HEADERS)
        else:
            await route.abort()

    await window.page.route("**/*", serve)

    found = "\n".join(await window.faults("/wrong"))

    for fault in (
        "status 418",
        "no title",
        "language nl",
        "2 headings",
        "0 mains",
        "moves while it loads",
        " bytes",
        "sticks out at the side by",
        "asks another host: http://elsewhere.example/picture.png",
        "axe image-alt",
        "script: broken",
        "inline style",
        "inline script",
    ):
        assert fault in found, f"{fault} in {found}"
