"""How answers are written: JSON with exact decimals; CSV and XLSX are written by the exports."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import Http404
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

from costs.exports import CSV_TYPE, XLSX_TYPE
from costs.query_string import InvalidParameters, ParameterError


class _Encoder(JSONEncoder):
    """Decimals as text without an exponent, times as UTC with a Z."""

    def default(self, obj: Any) -> Any:
        match obj:
            case Decimal():
                return f"{obj:f}"
            case datetime():
                return obj.isoformat().replace("+00:00", "Z")
        return super().default(obj)


class Json(JSONRenderer):
    encoder_class = _Encoder


class _Exported(BaseRenderer):
    """Takes part in choosing the format; the view itself streams the file."""

    def render(self, *args: Any, **kwargs: Any) -> bytes:
        raise AssertionError("A view that offers this format writes it itself.")


class Csv(_Exported):
    media_type = CSV_TYPE
    format = "csv"


class Xlsx(_Exported):
    media_type = XLSX_TYPE
    format = "xlsx"


class Negotiation(DefaultContentNegotiation):
    """An unknown format is a wrong parameter, not a missing page."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:
        try:
            return super().filter_renderers(renderers, format)
        except Http404:
            formats = tuple(renderer.format for renderer in renderers)
            wrong = f"“{format[:50]}” is not one of the allowed values."
            raise InvalidParameters([ParameterError("format", wrong, formats)]) from None
