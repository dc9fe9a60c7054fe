"""Structured logs: one JSON object a line, with the correlation id of what it belongs to. No personal text."""

import logging
import sys
from time import monotonic

import structlog

_QUIET_SECONDS = 10.0


class RepeatFilter(logging.Filter):
    """Lets a line of the Kafka client through once in ten seconds: without its broker it logs 50 a second."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record comes from elsewhere, or its line of code was silent for long enough."""
        if not record.name.startswith("aiokafka"):
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
        structlog.processors.format_exc_info,
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
