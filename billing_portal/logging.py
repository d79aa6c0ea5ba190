"""Structured logs: JSON in production, readable lines in development, secrets never."""

import json
import logging.config
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


# Somebody else's words must not look like lines of ours: everything that ends or hides a line.
_CONTROL = {code: repr(chr(code))[1:-1] for code in (*range(32), 127, 0x85, 0x2028, 0x2029)}


def escape_event(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Spell line breaks and other control characters out, and indent tracebacks line by line."""
    event["event"] = str(event.get("event", "")).translate(_CONTROL)
    if exception := event.get("exception"):
        lines = str(exception).split("\n")
        event["exception"] = "\n".join(f"  {line.translate(_CONTROL)}" for line in lines)
    return event


class Redact:
    """Replaces known secrets in the rendered line, wherever they came from (tracebacks too)."""

    def __init__(self, renderer: Processor, secrets: Iterable[str]) -> None:
        self._renderer = renderer
        # A very short value would blot out ordinary words.
        self._forms = [form for secret in secrets if len(secret) >= 6 for form in _forms(secret)]

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> str:
        line = str(self._renderer(logger, name, event))
        for form in self._forms:
            line = line.replace(form, "[redacted]")
        return line


def _forms(secret: str) -> set[str]:
    """As it is, and as JSON, Python and addresses write its quotes and other signs."""
    return {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret, safe="")}


def logging_config(*, level: str, as_json: bool, secrets: Iterable[str]) -> dict[str, Any]:
    """Configure the standard library's logging and structlog alike; returns what was set."""
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        # Not rich's tracebacks: they show local variables, passwords of forms among them.
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    last.append(structlog.processors.format_exc_info)
    if not as_json:  # which escapes by itself
        last.append(escape_event)
    config: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [*last, Redact(renderer, secrets)],
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        # urllib3 writes a line per request at DEBUG; ours say the same with the run's context.
        "loggers": {"urllib3": {"level": "WARNING"}},
    }
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return config
