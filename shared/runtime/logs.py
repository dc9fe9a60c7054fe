"""Structured logs: one JSON object a line, with the correlation id of what it belongs to. No personal text.

So exceptions are logged without their messages: these often quote what was wrong, and that may be what a person wrote.
"""

import logging
import sys
import traceback
from time import monotonic

import structlog

_QUIET_SECONDS = 10.0


class RepeatFilter(logging.Filter):
    """Lets a line of the Kafka clients through once in ten seconds: without its broker it logs 50 a second."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record comes from elsewhere, or its line of code was silent for long enough."""
        if not record.name.startswith(("aiokafka", "kafka")):
            return True
        line = (record.pathname, record.lineno)
        now = monotonic()
        if now - self._last.get(line, -_QUIET_SECONDS) < _QUIET_SECONDS:
            return False
        self._last[line] = now
        return True


def configure(service: str, level: str = "INFO") -> None:
    """Send this process's logs, also those of libraries, to stdout as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_without_messages),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                lambda _, __, event: {"service": service, **event},
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    handler.addFilter(RepeatFilter())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("aiokafka").setLevel(logging.WARNING)


def _without_messages(exc_info: structlog.typing.ExcInfo) -> str:
    """Name an exception, where it was raised, and what caused it."""
    lines = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        lines += [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        lines.append(f"{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(lines)
