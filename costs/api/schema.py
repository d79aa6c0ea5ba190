"""The API's description in OpenAPI: what every route shares, and parameters made of the filter."""

from collections.abc import Iterable, Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from costs.api.base import DEFAULT_LIMIT, FEWEST, FURTHEST, MOST
from costs.filters import DEFAULT_PERIOD, DIMENSIONS, NONE, CostType, Period
from costs.query_string import LONGEST_VALUE, MOST_VALUES

JSON = "application/json"
_TEXT = {"minLength": 1, "maxLength": LONGEST_VALUE, "pattern": r"^[^\x00]*$"}
Endpoint = tuple[str, str, str, Any]


class ParameterErrorSerializer(serializers.Serializer):  # type: ignore[type-arg]
    parameter = serializers.CharField(help_text="Empty where the whole request is meant.")
    message = serializers.CharField()
    allowed = serializers.ListField(child=serializers.CharField())


ErrorSerializer = inline_serializer(
    "Error",
    {
        "detail": serializers.CharField(),
        "errors": ParameterErrorSerializer(many=True),
        "request_id": serializers.CharField(help_text="Names the request in the portal's log."),
        "url": serializers.URLField(required=False, help_text="Of what a request conflicts with."),
    },
)


class Description(AutoSchema):
    """Adds the errors that any route may answer with, always in JSON."""

    def get_description(self) -> str:  # type: ignore[override]
        """A view's docstring is for those who read the code."""
        return ""

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for code, description in _errors(self.method, self.path).items():
            if code not in bodies:
                bodies[code] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    OpenApiResponse(ErrorSerializer, description),
                    code,
                    media_types=[JSON],
                    direction=direction,
                )
        # The web server's own words, before the portal is asked.
        bodies["414"] = self._get_response_for_code(  # type: ignore[no-untyped-call]
            OpenApiResponse(OpenApiTypes.STR, "The address is longer than 8,190 characters."),
            "414",
            media_types=["text/html"],
            direction=direction,
        )
        return dict(sorted(bodies.items()))


def _errors(method: str, path: str) -> dict[str, str]:
    errors = {
        "400": "A parameter is unknown or malformed; errors names it and what is allowed.",
        "401": "No login, or a token that is wrong, expired or revoked.",
        "403": "The login or its token may not do this.",
        "406": "The format asked for is not offered here.",
        "429": "Too many requests; Retry-After says how many seconds to wait.",
        "503": "The database gave up, or does not answer.",
    }
    if "{" in path:
        errors["404"] = "There is no such thing, or none that the login may know of."
    if method not in ("GET", "HEAD"):
        errors["413"] = "The body is too large."
        errors["415"] = "Send JSON, with Content-Type: application/json."
    return errors


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "costs.api.authentication.TokenAuthentication"
    name = "token"
    priority = 1  # before the library's own description of its header

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


def once_without_slash(endpoints: Sequence[Endpoint], **_: Any) -> list[Endpoint]:
    """Routes answer with and without a slash at the end; one of the two is described."""
    return [each for each in endpoints if not each[0].endswith("/")]


def nothing_unknown_in_bodies(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A body with a name that is no field is refused; see StrictFields."""
    for name, component in result["components"]["schemas"].items():
        if name.endswith("Request"):
            component["additionalProperties"] = False
    return result


def many(
    name: str, description: str, *, allowed: Sequence[str] = (), of: Any = OpenApiTypes.STR
) -> OpenApiParameter:
    """A repeated parameter."""
    items: dict[str, Any] = {"type": "string"}
    if allowed:
        items["enum"] = list(allowed)
    else:
        items |= _TEXT
    schema = {"type": "array", "items": items, "maxItems": MOST_VALUES}
    return OpenApiParameter(name, schema, description=description, style="form", explode=True)


def one(
    name: str, description: str, *, allowed: Sequence[str] = (), default: str | None = None
) -> OpenApiParameter:
    schema: dict[str, Any] = {"type": "string"}
    if allowed:
        schema["enum"] = list(allowed)
    else:
        schema |= _TEXT
    if default is not None:
        schema["default"] = default
    return OpenApiParameter(name, schema, description=description)


def number(
    name: str, description: str, *, low: int, high: int, default: int | None = None
) -> OpenApiParameter:
    schema: dict[str, Any] = {"type": "integer", "minimum": low, "maximum": high}
    if default is not None:
        schema["default"] = default
    return OpenApiParameter(name, schema, description=description)


def day(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, {"type": "string", "format": "date"}, description=description)


def days(default: Period = DEFAULT_PERIOD) -> list[OpenApiParameter]:
    return [
        day("start_date", "First UTC day."),
        day("end_date", "The day after the last one (UTC); without it, up to today."),
        one(
            "period",
            "Instead of dates: UTC days up to today, which is included; last_month is the calendar "
            f"month before this one. Without dates: {default}.",
            # Not as the schema's default: generated clients would send it beside dates.
            allowed=list(Period),
        ),
    ]


def filters(dimensions: Iterable[str] = tuple(DIMENSIONS)) -> list[OpenApiParameter]:
    """A parameter to include and one to exclude by, for each dimension."""
    parameters = []
    for name in dimensions:
        dimension = DIMENSIONS[name]
        none = f" “{NONE}”: charges that name none." if dimension.may_be_none else ""
        said = f"Only charges with one of these ({dimension.key}).{none}"
        parameters += [
            many(name, said, allowed=dimension.choices),
            many(f"exclude[{name}]", f"No charges with these.{none}", allowed=dimension.choices),
        ]
    return parameters


def cost_type(allowed: Iterable[CostType] = tuple(CostType)) -> OpenApiParameter:
    return one(
        "cost_type",
        "net: what is owed; usage: charges above zero; credits: those below zero; list: before "
        "discounts.",
        allowed=list(allowed),
        default=CostType.NET,
    )


def formats(*names: str) -> OpenApiParameter:
    return one("format", "How the answer is written; Accept says the same.", allowed=names)


JSON_ONLY = formats("json")
PAGING = [
    number("limit", "Rows a page.", low=FEWEST, high=MOST, default=DEFAULT_LIMIT),
    number("offset", "Rows to leave out.", low=0, high=FURTHEST, default=0),
]
CURSOR = [PAGING[0], one("cursor", "Where the page begins: meta.next_cursor of the one before.")]
