import json
from datetime import date
from decimal import Decimal

import pytest

from collector.payloads import BillLine, json_text, parse_rows

START, END = date(2025, 1, 1), date(2025, 2, 1)
LEAST = {"start_date": "2025-01-15", "end_date": "2025-01-16", "amount": Decimal("1.50")}


def line_of(**fields):
    """The line of a row with a date and an amount, and these fields."""
    [line] = parse_rows([{**LEAST, **fields}], START, END)
    assert isinstance(line, BillLine), line
    return line


def test_it_reads_every_field_of_a_cost():
    row = {
        "id": "cost-1",
        "start_date": "2025-01-15",
        "end_date": "2025-01-16",
        "granularity": "DAILY",
        "network_access_type": "PRIVATE_LINK",
        "product": "CONNECT",
        "line_type": "CONNECT_NUM_TASKS",
        "price": Decimal("0.19479"),
        "unit": "Task-hour",
        "quantity": 96,
        "original_amount": Decimal("18.69984"),
        "discount_amount": Decimal("1.4959872"),
        "amount": Decimal("17.2038528"),
        "resource": {
            "id": "lcc-1x2y3",
            "display_name": "orders to BigQuery",
            "environment": {"id": "env-prod"},
        },
        "description": "KAFKA101",
        "tier_dimensions": {"provider": "aws", "connector_type": "BigQuerySink"},
    }
    assert list(parse_rows([row], START, END)) == [
        BillLine(
            day=date(2025, 1, 15),
            product="CONNECT",
            line_type="CONNECT_NUM_TASKS",
            resource_id="lcc-1x2y3",
            resource_name="orders to BigQuery",
            env_id="env-prod",
            network_access_type="PRIVATE_LINK",
            unit="Task-hour",
            price=Decimal("0.19479"),
            quantity=Decimal(96),
            original_amount=Decimal("18.69984"),
            discount_amount=Decimal("1.4959872"),
            amount_received=Decimal("17.2038528"),
            amount=Decimal("17.2038528000"),
            amount_source="billed",
            list_amount=Decimal("18.6998400000"),
            description="KAFKA101",
            tier_dimensions='{"provider":"aws","connector_type":"BigQuerySink"}',
            granularity="DAILY",
            provider_id="cost-1",
            other_fields="{}",
        )
    ]


def test_it_reads_the_shape_of_old_organizations():
    row = {
        "start_date": "2025-01-15 00:00:00",
        "end_date": "2025-01-16 00:00:00",
        "product": "KAFKA",
        "line_type": "KAFKA_BASE",
        "price": Decimal("1.5"),
        "quantity": 24,
        "original_amount": 36,
        "discount_amount": Decimal("3.6"),
        "resource": {"id": "lkc-old", "display_name": "old", "environment": "production"},
        "environment": {"id": "env-top"},
    }
    [line] = parse_rows([row], START, END)
    assert isinstance(line, BillLine)
    assert line.day == date(2025, 1, 15)
    assert (line.resource_id, line.resource_name, line.env_id) == ("lkc-old", "old", "env-top")
    assert (line.amount, line.amount_source) == (Decimal("32.4"), "original_less_discount")
    assert line.list_amount == 36


def test_it_keeps_a_promo_credit():
    line = line_of(
        product=None,
        line_type="PROMO_CREDIT",
        unit=None,
        price=None,
        quantity=None,
        original_amount=Decimal("-400.00"),
        discount_amount=None,
        amount=Decimal("-400.00"),
        resource=None,
        description="KAFKA101",
        tier_dimensions=None,
        network_access_type=None,
    )
    assert line == BillLine(
        day=date(2025, 1, 15),
        product="",
        line_type="PROMO_CREDIT",
        resource_id="",
        resource_name="",
        env_id="",
        network_access_type="",
        unit="",
        price=None,
        quantity=None,
        original_amount=Decimal(-400),
        discount_amount=None,
        amount_received=Decimal(-400),
        amount=Decimal(-400),
        amount_source="billed",
        list_amount=Decimal(-400),
        description="KAFKA101",
        tier_dimensions="{}",
        granularity="",
        provider_id="",
        other_fields="{}",
    )


def test_it_reads_null_like_nothing():
    nothing = line_of()
    names = (
        "id api_version kind metadata granularity network_access_type product line_type price unit "
        "quantity original_amount discount_amount resource environment description tier_dimensions"
    )
    assert line_of(**dict.fromkeys(names.split())) == nothing
    assert nothing == BillLine(
        day=date(2025, 1, 15),
        product="",
        line_type="",
        resource_id="",
        resource_name="",
        env_id="",
        network_access_type="",
        unit="",
        price=None,
        quantity=None,
        original_amount=None,
        discount_amount=None,
        amount_received=Decimal("1.5"),
        amount=Decimal("1.5"),
        amount_source="billed",
        list_amount=Decimal("1.5"),
        description="",
        tier_dimensions="{}",
        granularity="",
        provider_id="",
        other_fields="{}",
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2025-01-15", "2025-01-16"),
        ("2025-01-15 00:00:00", "2025-01-16 00:00:00"),
        ("2025-01-15T00:00:00Z", "2025-01-16T00:00:00Z"),
        ("2025-01-15 00:00:00", "2025-01-16"),
        ("2025-01-15", None),
        ("2025-01-15", ""),
    ],
)
def test_it_reads_dates_with_and_without_midnight(start, end):
    assert line_of(start_date=start, end_date=end).day == date(2025, 1, 15)


def test_it_takes_a_row_without_an_end_as_one_day():
    row = {"start_date": "2025-01-15", "amount": 1}
    [line] = parse_rows([row], START, END)
    assert isinstance(line, BillLine)
    assert line.day == date(2025, 1, 15)


@pytest.mark.parametrize(("first", "day"), [("2025-01-01", 1), ("2025-01-31", 31)])
def test_it_takes_the_first_and_the_last_day_of_the_window(first, day):
    assert line_of(start_date=first, end_date=None).day == date(2025, 1, day)


def test_it_keeps_what_it_has_never_heard_of():
    line = line_of(
        product="TELEPATHY",
        line_type="TELEPATHY_THOUGHTS",
        network_access_type="PNI",
        granularity="HOURLY",
        resource={"id": "ltp-1", "display_name": "thoughts"},
        currency="EUR",
        nested={"list": [1, Decimal("2.50"), None]},
    )
    assert (line.product, line.line_type) == ("TELEPATHY", "TELEPATHY_THOUGHTS")
    assert (line.network_access_type, line.granularity) == ("PNI", "HOURLY")
    assert (line.resource_id, line.resource_name) == ("ltp-1", "thoughts")
    assert json.loads(line.other_fields) == {
        "currency": "EUR",
        "nested": {"list": [1, 2.5, None]},
    }
    assert '"list":[1,2.50,null]' in line.other_fields


@pytest.mark.parametrize(
    ("fields", "texts"),
    [
        ({"product": 5, "line_type": True}, ("5", "true")),
        ({"product": Decimal("1.50"), "line_type": ["A"]}, ("1.50", '["A"]')),
        ({"product": {"name": "KAFKA"}, "line_type": 0}, ('{"name":"KAFKA"}', "0")),
    ],
)
def test_it_keeps_values_that_should_be_texts(fields, texts):
    line = line_of(**fields)
    assert (line.product, line.line_type) == texts


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, ("", "", "")),
        ({"resource": None}, ("", "", "")),
        ({"resource": {}}, ("", "", "")),
        ({"resource": {"id": None, "display_name": None, "environment": None}}, ("", "", "")),
        ({"resource": {"id": "lkc-1"}}, ("lkc-1", "", "")),
        ({"resource": {"id": "lkc-1", "environment": {}}}, ("lkc-1", "", "")),
        ({"resource": {"id": "lkc-1", "environment": {"id": None}}}, ("lkc-1", "", "")),
        ({"resource": {"environment": {"id": "env-1"}}}, ("", "", "env-1")),
        ({"resource": {"id": "lkc-1", "environment": "env-1"}}, ("lkc-1", "", "env-1")),
        ({"resource": {"id": "lkc-1", "environment": "production"}}, ("lkc-1", "", "")),
        ({"environment": {"id": "env-1"}}, ("", "", "env-1")),
        ({"environment": "env-1"}, ("", "", "env-1")),
        ({"environment": "production"}, ("", "", "")),
        (
            {"resource": {"environment": {"id": "env-in"}}, "environment": {"id": "env-top"}},
            ("", "", "env-in"),
        ),
        ({"resource": {"environment": "env-in"}, "environment": "env-top"}, ("", "", "env-top")),
        (
            {"resource": {"environment": {"id": ""}}, "environment": {"id": "env-top"}},
            ("", "", "env-top"),
        ),
        # Of a wrong shape: the id is whatever stands there, the row stays.
        ({"resource": "lkc-1"}, ("lkc-1", "", "")),
        ({"resource": ["lkc-1"]}, ('["lkc-1"]', "", "")),
        ({"resource": 7}, ("7", "", "")),
        ({"resource": True}, ("true", "", "")),
        ({"resource": {"id": 7, "display_name": ["a"]}}, ("7", '["a"]', "")),
        ({"resource": {"id": "lkc-1", "environment": ["env-1"]}}, ("lkc-1", "", "")),
        ({"resource": {"id": "lkc-1", "environment": 7}}, ("lkc-1", "", "")),
        ({"environment": ["env-1"]}, ("", "", "")),
        ({"environment": {"id": 7}}, ("", "", "7")),
        ({"resource": "lkc-1", "environment": {"id": "env-1"}}, ("lkc-1", "", "env-1")),
    ],
)
def test_it_finds_the_resource_and_its_environment(fields, found):
    line = line_of(**fields)
    assert (line.resource_id, line.resource_name, line.env_id) == found
    assert line.amount == Decimal("1.5")


def test_it_keeps_equal_rows_apart():
    assert list(parse_rows([LEAST, LEAST], START, END)) == [line_of(), line_of()]


def test_it_marks_nul_characters_which_the_database_cannot_hold():
    line = line_of(
        product="KAF\x00KA",
        resource={"id": "\x00", "display_name": "a\x00\x00b", "environment": {"id": "env-\x00"}},
        tier_dimensions={"a\x00": "b\x00"},
        strange="c\\\x00d",
    )
    assert line.product == "KAF\ufffdKA"
    assert (line.resource_id, line.resource_name) == ("\ufffd", "a\ufffd\ufffdb")
    assert line.env_id == "env-\ufffd"
    assert json.loads(line.tier_dimensions) == {"a\ufffd": "b\ufffd"}
    assert json.loads(line.other_fields) == {"strange": "c\\\ufffdd"}


def test_it_leaves_a_text_alone_that_only_looks_like_nul():
    backslashed = "\\u0000"
    assert line_of(product=backslashed).product == backslashed
    assert json.loads(line_of(strange=backslashed).other_fields) == {"strange": backslashed}
    assert json.loads(json_text([backslashed, "\\\\u0000", "\\\x00"])) == [
        backslashed,
        "\\\\u0000",
        "\\\ufffd",
    ]


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        (Decimal("2.6151538e-05"), "0.000026151538"),
        (Decimal("0.10"), "0.10"),
        (10**30, "1000000000000000000000000000000"),
        (10**300, "1" + "0" * 300),
        # PostgreSQL would spell these out, or refuse them.
        (Decimal("1E+99999"), '"1E+99999"'),
        (Decimal("1E-99999"), '"1E-99999"'),
        (Decimal("0." + "3" * 17000), '"0.' + "3" * 17000 + '"'),
    ],
)
def test_it_keeps_numbers_of_any_size_in_what_it_does_not_know(number, kept):
    line = line_of(tier_dimensions={"n": number}, strange=number)
    assert line.tier_dimensions == f'{{"n":{kept}}}'
    assert line.other_fields == f'{{"strange":{kept}}}'


def test_it_keeps_an_id_that_is_a_large_number():
    assert line_of(id=10**30).provider_id == "1000000000000000000000000000000"
