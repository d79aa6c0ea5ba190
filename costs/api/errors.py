"""Errors in one shape: detail, errors (parameter, message, allowed), request_id.

Django's own pages for 404 and 500 say the same below /api/.
"""

import logging
from collections.abc import Iterator
from typing import Any

import structlog
from django.core.exceptions import SuspiciousOperation
from django.core.exceptions import ValidationError as ModelError
from django.db import OperationalError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from costs.query_string import InvalidParameters
from costs.reports.snapshot import LONGEST_STATEMENT

logger = logging.getLogger(__name__)

WRONG = "The request cannot be answered as it is; errors says what is wrong."
UNREADABLE = "The request cannot be read."
TOO_LONG = f"The answer would take longer than {LONGEST_STATEMENT}; ask for fewer days or groups."
NO_DATABASE = "The database did not answer; try again in a moment."


class Conflict(exceptions.APIException):
    """What is asked for contradicts what there is."""

    status_code = 409
    default_code = "conflict"


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """The error as an answer; None lets Django log it and answer 500."""
    match error:
        case InvalidParameters():
            return _response(400, WRONG, _listed(error))
        case ModelError():
            return _response(400, WRONG, list(_flattened(by_field(error))))
        case SuspiciousOperation():
            return _response(400, f"{UNREADABLE} {error}", [])
        case OperationalError():
            logger.warning("The database gave up on a request: %s", error)
            return _response(503, TOO_LONG if "timeout" in str(error) else NO_DATABASE, [])
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        response.data = document(WRONG, list(_flattened(response.data)))
    else:
        said = response.data
        detail = said.get("detail", WRONG) if isinstance(said, dict) else WRONG
        more = {key: value for key, value in said.items() if key != "detail"}
        response.data = document(str(detail), []) | more
    return response


def document(detail: str, errors: list[dict[str, Any]]) -> dict[str, Any]:
    """What every error says."""
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return {"detail": detail, "errors": errors, "request_id": request_id}


def _response(status: int, detail: str, errors: list[dict[str, Any]]) -> Response:
    return Response(document(detail, errors), status=status)


def _listed(error: InvalidParameters) -> list[dict[str, Any]]:
    return [
        {"parameter": each.parameter, "message": each.message, "allowed": list(each.allowed)}
        for each in error.errors
    ]


def by_field(error: ModelError) -> dict[str, list[str]]:
    """The messages by field; those of no field under an empty name."""
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}


def _flattened(data: Any, name: str = "") -> Iterator[dict[str, Any]]:
    """A serializer's nested errors, each with the way to its field: targets.0.percent."""
    if isinstance(data, dict):
        for key, inner in data.items():
            own = "" if key in ("non_field_errors", "__all__") else str(key)
            yield from _flattened(inner, ".".join(filter(None, (name, own))))
    elif isinstance(data, list):
        for number, inner in enumerate(data):
            is_nested = isinstance(inner, (dict, list))
            yield from _flattened(inner, f"{name}.{number}" if is_nested else name)
    else:
        yield {"parameter": name, "message": str(data), "allowed": []}
