import json
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.payloads import BillLine, Unreadable, parse_rows
from collector.simulator import World

START, END = date(2025, 1, 1), date(2025, 2, 1)
# As the client reads an answer.
DECODER = msgspec.json.Decoder(float_hook=Decimal)
NAMES = [
    "id",
    "start_date",
    "end_date",
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
    "new_field",
]
REAL = DECODER.decode(
    msgspec.json.encode(
        World(born=START).bill(date(2025, 1, 15), datetime(2025, 2, 20, tzinfo=UTC))
    )
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.one_of(
    st.integers(),
    st.integers(0, 400).map(lambda power: 10**power),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.builds("{}e{}".format, st.integers(), st.integers(-(10**6), 10**6)).map(Decimal),
)
number_texts = st.one_of(
    numbers.map(str), st.sampled_from(["NaN", "sNaN1", "-Infinity", "1e99999999999999999999", " "])
)
day_texts = st.one_of(
    st.dates(START, END).map(str),
    st.dates(START, END).map("{} 00:00:00".format),
    st.dates().map(str),
    st.sampled_from(["", "2025-02-30", "9999-12-31", "0001-01-01", "2025-01-15T00:00:00Z"]),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts, number_texts, day_texts)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | st.just("id"), inner),
    max_leaves=6,
)
mutated_rows = st.builds(
    lambda row, changes, absent: {
        name: value for name, value in {**row, **changes}.items() if name not in absent
    },
    st.sampled_from(REAL),
    st.dictionaries(st.sampled_from(NAMES), values, max_size=3),
    st.lists(st.sampled_from(NAMES), max_size=2),
)
# Rows of little but dates and numbers, most of them readable.
amount_names = ["amount", "original_amount", "discount_amount", "quantity", "price"]
bare_rows = st.fixed_dictionaries(
    {"start_date": day_texts}, optional=dict.fromkeys(amount_names, numbers | number_texts)
)


def is_storable(parsed):
    """Whether PostgreSQL takes it: texts without NUL, JSON where JSON is due, amounts in range."""
    shown = [each for each in msgspec.structs.astuple(parsed) if isinstance(each, str)]
    if isinstance(parsed, BillLine):
        documents = [json.loads(parsed.tier_dimensions), json.loads(parsed.other_fields)]
        in_range = abs(parsed.amount) < 10**10 and abs(parsed.list_amount) < 10**10
    else:
        documents, in_range = [json.loads(parsed.raw)], True
    return in_range and without_nul([*shown, *documents]) == [*shown, *documents]


@given(st.lists(values | mutated_rows | bare_rows, max_size=5))
@settings(max_examples=400, deadline=None)
def test_it_never_loses_a_row(rows):
    parsed = list(parse_rows(rows, START, END))
    assert len(parsed) == len(rows)
    assert all(isinstance(each, BillLine | Unreadable) for each in parsed)
    assert all(map(is_storable, parsed))


@given(st.lists(values | mutated_rows | bare_rows, max_size=5))
@settings(max_examples=200, deadline=None)
def test_it_reads_each_row_by_itself(rows):
    together = list(parse_rows(rows, START, END))
    assert together == [each for row in rows for each in parse_rows([row], START, END)]


@given(values | mutated_rows | bare_rows)
@settings(max_examples=400, deadline=None)
def test_it_keeps_what_it_cannot_read_as_it_came(row):
    [parsed] = parse_rows([row], START, END)
    if isinstance(parsed, Unreadable):
        assert parsed.reason != ""
        assert DECODER.decode(parsed.raw) == without_nul(row)


def without_nul(value):
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, list):
        return [without_nul(each) for each in value]
    if isinstance(value, dict):
        # Two keys may become one here as they do in the text; the last one counts in both.
        return {without_nul(name): without_nul(each) for name, each in value.items()}
    return value


def test_it_reads_every_row_of_a_real_bill():
    parsed = list(parse_rows(REAL, START, END))
    assert len(parsed) > 50
    assert {type(each) for each in parsed} == {BillLine}
