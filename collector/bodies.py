"""Bodies of Confluent's answers as data: decimals from their text, and the two shapes they have."""

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

Row = dict[str, Any]
Shape = Callable[[Any], Row | None]
"""Takes a decoded body for what it has to be; None if it is something else."""

# Numbers of the bill are decimals from their text; a float never touches them.
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def decoded(content: bytes) -> Any:
    """The body with decimals from their text; ValueError or RecursionError if it is not JSON.

    The standard parser takes what makes the fast one give up on the whole page: half a
    character, NaN, a number beyond any machine. It makes a text of it, and that row unreadable.
    """
    try:
        return _decoder.decode(content)
    except (msgspec.DecodeError, InvalidOperation):
        body = json.loads(
            content,
            parse_float=_decimal_or_text,
            parse_int=_decimal_or_text,
            parse_constant=str,
        )
        return _whole_characters(body)


def as_page(body: Any) -> Row | None:
    """A page of a list: an object whose `data` is a list, or null for an empty one."""
    fits = isinstance(body, dict) and isinstance(body.get("data", ""), list | None)
    return body if fits else None


def as_map(body: Any) -> Row | None:
    """An object keyed by name; null or [] stand for an empty one."""
    if body is None or body == []:
        return {}
    return body if isinstance(body, dict) else None


def _decimal_or_text(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _whole_characters(value: Any) -> Any:
    """The same without lone surrogates, which no UTF-8 text can hold."""
    if isinstance(value, dict):
        return {_whole_characters(key): _whole_characters(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole_characters(item) for item in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value
