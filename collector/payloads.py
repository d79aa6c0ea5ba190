"""Confluent's JSON rows -> frozen bill lines. Pure: no database, no network.

A row whose date or amount cannot be read comes back as an Unreadable with the reason and the row
itself. Everything else is a line: unknown products, line types, id prefixes and fields are kept.
Amounts are USD; the one rounding of the product, half-even to 10 places, happens here.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

Row = dict[str, Any]

QUANTUM = Decimal("1e-10")
# NUMERIC(20,10) holds ten digits before the point.
LARGEST_AMOUNT = Decimal(10) ** 10
# A number beyond these is no price or quantity; PostgreSQL would spell all its zeros out.
LARGEST_EXPONENT = 60
_EXACT = Context(prec=200)
ZERO = Decimal(0)

# https://docs.confluent.io/cloud/current/api.html#tag/Costs-(billingv1); the enums are open.
KNOWN_PRODUCTS = frozenset(
    [
        "KAFKA",
        "CONNECT",
        "CUSTOM_CONNECT",
        "KSQL",
        "FLINK",
        "TABLEFLOW",
        "AUDIT_LOG",
        "STREAM_GOVERNANCE",
        "CLUSTER_LINK",
        "USM",
        "SUPPORT_CLOUD_BASIC",
        "SUPPORT_CLOUD_DEVELOPER",
        "SUPPORT_CLOUD_BUSINESS",
        "SUPPORT_CLOUD_PREMIER",
    ]
)
KNOWN_LINE_TYPES = frozenset(
    [
        "KAFKA_STORAGE",
        "KAFKA_PARTITION",
        "KAFKA_NETWORK_READ",
        "KAFKA_NETWORK_WRITE",
        "KAFKA_BASE",
        "KAFKA_NUM_CKUS",
        "KAFKA_REST_PRODUCE",
        "KAFKA_STREAMS",
        "KSQL_NUM_CSUS",
        "CONNECT_CAPACITY",
        "CONNECT_NUM_TASKS",
        "CONNECT_THROUGHPUT",
        "CONNECT_NUM_RECORDS",
        "CUSTOM_CONNECT_NUM_TASKS",
        "CUSTOM_CONNECT_THROUGHPUT",
        "FLINK_NUM_CFUS",
        "CLUSTER_LINKING_PER_LINK",
        "CLUSTER_LINKING_WRITE",
        "CLUSTER_LINKING_READ",
        "GOVERNANCE_BASE",
        "SCHEMA_REGISTRY",
        "NUM_RULES",
        "TABLEFLOW_DATA_PROCESSED",
        "TABLEFLOW_NUM_TOPICS",
        "TABLEFLOW_STORAGE",
        "USM_CONNECTED_NODE",
        "AUDIT_LOG_READ",
        "SUPPORT",
        "PROMO_CREDIT",
    ]
)
_FIELDS = frozenset(
    [
        "id",
        "api_version",
        "kind",
        "metadata",
        "start_date",
        "end_date",
        "granularity",
        "network_access_type",
        "product",
        "line_type",
        "price",
        "unit",
        "quantity",
        "original_amount",
        "discount_amount",
        "amount",
        "resource",
        "environment",
        "description",
        "tier_dimensions",
    ]
)


_DETAILS = ("price", "quantity", "original_amount", "discount_amount")


class BillLine(msgspec.Struct, frozen=True):
    """A readable row of the bill, one UTC day. Texts are empty where the bill says nothing.

    The order of the fields is the order of the staging table's columns.
    """

    day: date
    product: str
    line_type: str
    resource_id: str
    resource_name: str
    env_id: str
    network_access_type: str
    unit: str
    price: Decimal | None
    quantity: Decimal | None
    original_amount: Decimal | None
    discount_amount: Decimal | None
    amount_received: Decimal
    amount: Decimal
    amount_source: str
    list_amount: Decimal
    description: str
    tier_dimensions: str
    granularity: str
    provider_id: str
    other_fields: str


class Unreadable(msgspec.Struct, frozen=True):
    """A row that is no bill line: why, and the row as received (JSON text).

    day and until (exclusive) are the days that it touches, where they can be told; is_long: it
    spans several, so that asking for single days may bring readable rows. asked is the first day
    of the window that brought it.
    """

    reason: str
    day: date | None
    amount_text: str
    raw: str
    asked: date
    until: date | None = None
    is_long: bool = False


class _Problem(ValueError):
    """Why a row cannot be read, in words for the operator."""


class _LongLine(_Problem):
    """A row of several days."""


def parse_rows(rows: Iterable[Any], start: date, end: date) -> Iterator[BillLine | Unreadable]:
    """The rows of one page of the window [start, end), each as a line or as unreadable."""
    for row in rows:
        try:
            yield _bill_line(row, start, end)
        except _Problem as problem:
            yield _unreadable(row, problem, start)


def _bill_line(row: Any, start: date, end: date) -> BillLine:
    if type(row) is not dict:
        raise _Problem(f"The row is {_kind(row)}, not an object.")
    get = row.get
    day = _day(get("start_date"), get("end_date"))
    if not start <= day < end:
        raise _Problem(f"{day} is outside the window asked for, {start} to {end}.")
    amount = _number(row, "amount")
    other = {} if row.keys() <= _FIELDS else {k: row[k] for k in row.keys() - _FIELDS}
    try:
        numbers = [_number(row, name) for name in _DETAILS]
    except _Problem:
        if amount is None:
            raise
        # The money is readable: an odd detail is kept beside the line and takes nothing away.
        numbers, odd = _readable_details(row)
        other |= odd
    price, quantity, original, discount = numbers
    received, source = _amount(amount, original, discount, quantity, price)
    resource_id, resource_name, env_id = _resource(get("resource"), get("environment"))
    tiers = get("tier_dimensions")
    return BillLine(
        day,
        _text(get("product")),
        _text(get("line_type")),
        resource_id,
        resource_name,
        env_id,
        _text(get("network_access_type")),
        _text(get("unit")),
        price,
        quantity,
        original,
        discount,
        received,
        rounded(received),
        source,
        _list_amount(original, quantity, price, received),
        _text(get("description")),
        _json_column(tiers) if tiers else "{}",
        _text(get("granularity")),
        _text(get("id")),
        _json_column(other) if other else "{}",
    )


_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?$")


@lru_cache(maxsize=4096)
def _parsed_day(text: str) -> date:
    # Some answers carry a time of day behind the date; midnight is the only one they mean.
    return date.fromisoformat(_MIDNIGHT.sub("", text))


def _day(start: Any, end: Any) -> date:
    """The line's UTC day; end_date is exclusive and may be missing."""
    try:
        day = _parsed_day(start)
        last = _parsed_day(end) if end else day + timedelta(days=1)
    except (TypeError, ValueError, AttributeError, OverflowError):
        raise _Problem(f"Its dates cannot be read: {start!r} to {end!r}.") from None
    days = (last - day).days
    if days > 1:
        raise _LongLine(
            f"The row spans {days} days, {day} to {last}; only single days can be kept."
        )
    if days < 1:
        raise _Problem(f"Its dates are out of order: {day} to {last}.")
    return day


def _number(row: Row, name: str) -> Decimal | None:
    value = row.get(name)
    if value is None:
        return None
    if type(value) is Decimal and -LARGEST_EXPONENT < value.adjusted() < LARGEST_EXPONENT:
        return value
    if type(value) is str:
        try:
            value = Decimal(value.strip())
        except InvalidOperation:
            raise _Problem(f"{name} is not a number: {value!r}.") from None
    elif type(value) is int:
        value = Decimal(value)
    elif type(value) is not Decimal:
        raise _Problem(f"{name} is {_kind(value)}, not a number.")
    if not value.is_finite() or abs(value.adjusted()) > LARGEST_EXPONENT:
        raise _Problem(f"{name} is out of range: {value}.")
    return value


def _readable_details(row: Row) -> tuple[list[Decimal | None], Row]:
    """The details that are numbers, None for the others, and those others as received."""
    numbers: list[Decimal | None] = []
    odd: Row = {}
    for name in _DETAILS:
        try:
            numbers.append(_number(row, name))
        except _Problem:
            numbers.append(None)
            odd[name] = row[name]
    return numbers, odd


def _amount(
    amount: Decimal | None,
    original: Decimal | None,
    discount: Decimal | None,
    quantity: Decimal | None,
    price: Decimal | None,
) -> tuple[Decimal, str]:
    """The amount and what it was taken from (organizations from before 2024-05-15 lack it).

    https://docs.confluent.io/cloud/current/billing/legacy-billing.html
    """
    if amount is not None:
        return amount, "billed"
    if original is not None:
        return _EXACT.subtract(original, discount or ZERO), "original_less_discount"
    if quantity is not None and price is not None:
        return _EXACT.multiply(quantity, price), "quantity_times_price"
    raise _Problem("It has no amount, no original_amount, and not both quantity and price.")


def _list_amount(
    original: Decimal | None, quantity: Decimal | None, price: Decimal | None, amount: Decimal
) -> Decimal:
    """Before discounts: what was accrued, else quantity at price, else the amount itself."""
    if original is not None:
        list_amount = original
    elif quantity is not None and price is not None:
        list_amount = _EXACT.multiply(quantity, price)
    else:
        list_amount = amount
    return rounded(amount if abs(list_amount) >= LARGEST_AMOUNT - QUANTUM else list_amount)


def rounded(amount: Decimal) -> Decimal:
    """Half-even to 10 places, the one rounding of the product; a finer amount is a Problem too."""
    if abs(amount) >= LARGEST_AMOUNT - QUANTUM:
        raise _Problem(f"The amount {amount} is too large to be one line of a bill.")
    return amount.quantize(QUANTUM, ROUND_HALF_EVEN, _EXACT)


def _resource(resource: Any, environment: Any) -> tuple[str, str, str]:
    """(id, name, environment id) in both row shapes.

    Old organizations have the environment on top and a name in resource.environment.
    """
    resource_id = name = ""
    inner = None
    if type(resource) is dict:
        resource_id, name = _text(resource.get("id")), _text(resource.get("display_name"))
        inner = resource.get("environment")
    elif resource:
        resource_id = _text(resource)
    for candidate in (inner, environment):
        if type(candidate) is dict and candidate.get("id"):
            return resource_id, name, _text(candidate["id"])
    for candidate in (environment, inner):
        if type(candidate) is str and candidate.startswith("env-"):
            return resource_id, name, _text(candidate)
    return resource_id, name, ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    if type(value) is not str:
        value = json_text(value)
    # PostgreSQL's text cannot hold NUL; the mark says that something stood there.
    text: str = value
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


def json_text(value: Any) -> str:
    """JSON with decimals as numbers, in their own digits; NUL marked as in texts."""
    return _marked(_numbers.encode(value).decode())


def _json_column(value: Any) -> str:
    """The same for a jsonb column, which would spell out every zero of 1E+99999: texts then.

    A number of more than 16,383 decimal places it would refuse, and with it the whole page.
    """
    text = json_text(value)
    if "E+" in text or "E-" in text or len(text) > 16_000:
        return _marked(_texts.encode(value).decode())
    return text


def _marked(text: str) -> str:
    """JSON text without NUL; a backslash that is itself escaped begins no NUL."""
    return _NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text


_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_numbers = msgspec.json.Encoder(decimal_format="number")
_texts = msgspec.json.Encoder(decimal_format="string")


def _unreadable(row: Any, problem: _Problem, asked: date) -> Unreadable:
    get = row.get if isinstance(row, dict) else {}.get
    day, until = _day_or_none(get("start_date")), _day_or_none(get("end_date"))
    if day and not (until and until > day):
        until = day + timedelta(days=1) if day < date.max else None
    return Unreadable(
        str(problem),
        day,
        _text(get("amount")),
        json_text(row),
        asked,
        until if day else None,
        isinstance(problem, _LongLine),
    )


def _day_or_none(text: Any) -> date | None:
    try:
        return _parsed_day(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _kind(value: Any) -> str:
    names = {bool: "true or false", list: "a list", dict: "an object", str: "a text"}
    return names.get(type(value), "null" if value is None else "a number")
