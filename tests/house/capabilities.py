"""What the product is to be able to do, and what of it is built.

A capability counts as built when it is listed in `BUILT`; then a test must show it.
"""

from typing import Final

CAPABILITIES: Final = {
    "P1": "register, describe and verify an organisation",
    "P2": "state needs and offers",
    "P3": "state flows of substances in and out",
    "P4": "let needs and offers expire, confirm them with one click",
    "P5": "act for an organisation as its contact, or on its behalf as a manager",
    "P6": "consent per cluster and purpose, given and withdrawn on its own",
    "P7": "import many organisations, export what one may take along",
    "P8": "search the directory",
    "P9": "survey the members",
    "P10": "turn an answer of a survey into a need",
    "P11": "post, revise and close an idea, also anonymously",
    "P12": "see similar ideas while posting, merge and moderate",
    "P13": "comment on an idea, join and follow it",
    "P14": "browse the board of ideas",
    "P15": "sign in by mailed link, end sessions, API keys",
    "P16": "take along, object, erase",
    "M1": "recompute candidates on every change, propose what is new, withdraw what is untrue",
    "M2": "compare by text, need and offer, readiness, region, across clusters",
    "M3": "bound a pair's score by its weaker direction",
    "M4": "check hard rules before any score",
    "M5": "cap open proposals for each organisation",
    "M6": "explain a match with the phrases that matched",
    "M7": "learn from answers and outcomes",
    "M8": "take a match from proposed to its end",
    "M9": "disclose step by step",
    "M10": "ask for outcomes",
    "M11": "show a manager the funnel and whom to phone",
    "M12": "exchange messages between matched sides",
    "E1": "announce and hold gatherings",
    "E2": "register for them, with a waiting list",
    "E3": "check in at the door",
    "E4": "plan and report a hospitation",
    "E5": "wish for meetings",
    "E6": "schedule all meetings with one press",
    "E7": "lock, run again and repair a schedule",
    "E8": "show a personal agenda and feed calendars",
    "E9": "rate meetings",
    "N1": "mail what concerns people, the rest as a digest",
    "N2": "call webhooks of integrators",
    "N3": "publish news and feeds",
    "N4": "draft press releases and posts",
    "N5": "report the impact, each number with its list",
    "N6": "show the history of any aggregate",
    "N7": "hand over contact cards after an introduction",
}

BUILT: Final = {
    "P1": "register and describe; verification comes with accounts",
    "P2": "all but IPR, wanted partners and visibility",
    "P5": "all",
    "P6": "the two purposes of matching",
    "P7": "import",
    "P11": "all but the stages between posted and closed",
    "M1": "all",
    "M3": "all",
    "M4": "consent, same owner, stale, proposed before",
    "M5": "a cap of 5",
    "M6": "all",
    "M8": "up to agreed, declined, expired, withdrawn",
}
"""What of each capability is built."""
