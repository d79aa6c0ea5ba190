"""What requests may carry: JSON."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.utils import json as strict

MOST_BYTES = 1_000_000


class TooLarge(APIException):
    status_code = 413
    default_detail = f"The body has more than {MOST_BYTES:,} bytes."
    default_code = "too_large"


class Json(BaseParser):
    """UTF-8, no larger than it needs to be, and nothing in it that could not be written back."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise TooLarge
        try:
            data = strict.loads(body.decode())
            # Half a character, as \\ud800, passes for text until somebody writes it.
            json.dumps(data, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ParseError(f"JSON parse error: {error}") from None
        return data
