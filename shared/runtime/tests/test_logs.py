import contextlib
import io
import json
import logging
from collections.abc import Callable, Iterator

import structlog

from shared.runtime.logs import RepeatFilter, configure


@contextlib.contextmanager
def configured() -> Iterator[Callable[[], list[dict[str, str]]]]:
    """The logs of a service, and what they say."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        configure("things")
    try:
        yield lambda: [json.loads(line) for line in output.getvalue().splitlines()]
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        structlog.reset_defaults()


def test_a_line_of_the_kafka_client_comes_once_in_a_while() -> None:
    def line(name: str, number: int) -> logging.LogRecord:
        return logging.LogRecord(name, logging.ERROR, "file.py", number, "message", None, None)

    repeats = RepeatFilter()
    assert [repeats.filter(line("aiokafka.client", 1)) for _ in range(50)] == [True] + [False] * 49
    assert repeats.filter(line("aiokafka.client", 2))
    assert all(repeats.filter(line("uvicorn.error", 1)) for _ in range(3))


def test_lines_are_json_with_what_they_belong_to() -> None:
    with configured() as lines, structlog.contextvars.bound_contextvars(correlation="c-1"):
        structlog.get_logger().info("said", umlaut="ü")
        logging.getLogger("library").warning("said too")
        own, library = lines()
    assert (own["service"], own["event"], own["correlation"], own["umlaut"]) == ("things", "said", "c-1", "ü")
    assert (library["event"], library["level"], library["correlation"]) == ("said too", "warning", "c-1")


def test_exceptions_are_logged_without_what_they_quote() -> None:
    def fail() -> None:
        try:
            int("Anna Beispiel")
        except ValueError as error:
            raise KeyError("Anna Beispiel") from error

    with configured() as lines:
        try:
            fail()
        except KeyError as error:
            structlog.get_logger().error("failed", exc_info=error)
            logging.getLogger("uvicorn.error").exception("failed")
        found = lines()
    assert len(found) == 2
    for line in found:
        assert "Anna" not in json.dumps(line)
        assert "builtins.KeyError" in line["exception"]
        assert "builtins.ValueError" in line["exception"]
        assert "in fail" in line["exception"]
