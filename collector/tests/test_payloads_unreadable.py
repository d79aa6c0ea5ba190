import json
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from collector.payloads import BillLine, Unreadable, parse_rows

START, END = date(2025, 1, 1), date(2025, 2, 1)
DAY = date(2025, 1, 15)
DATES = {"start_date": "2025-01-15", "end_date": "2025-01-16"}
NO_AMOUNT = "It has no amount, no original_amount, and not both quantity and price."
NINES = "9" * 61


# As the client reads an answer.
DECODER = msgspec.json.Decoder(float_hook=Decimal)


def read(row):
    [parsed] = parse_rows([row], START, END)
    return parsed


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, NO_AMOUNT),
        ({"amount": None, "original_amount": None}, NO_AMOUNT),
        ({"quantity": 5}, NO_AMOUNT),
        ({"price": 5}, NO_AMOUNT),
        ({"discount_amount": 5}, NO_AMOUNT),
        ({"amount": "free"}, "amount is not a number: 'free'."),
        ({"amount": ""}, "amount is not a number: ''."),
        ({"amount": "1,50"}, "amount is not a number: '1,50'."),
        ({"amount": "1\x002"}, "amount is not a number: '1\\x002'."),
        ({"amount": "NaN"}, "amount is out of range: NaN."),
        ({"amount": "sNaN"}, "amount is out of range: sNaN."),
        ({"amount": "Infinity"}, "amount is out of range: Infinity."),
        ({"amount": "-inf"}, "amount is out of range: -Infinity."),
        ({"amount": True}, "amount is true or false, not a number."),
        ({"amount": False}, "amount is true or false, not a number."),
        ({"amount": [1]}, "amount is a list, not a number."),
        ({"amount": {"value": 1}}, "amount is an object, not a number."),
        ({"original_amount": 1, "price": "cheap"}, "price is not a number: 'cheap'."),
        ({"original_amount": 1, "quantity": False}, "quantity is true or false, not a number."),
        ({"original_amount": [1]}, "original_amount is a list, not a number."),
        (
            {"original_amount": 1, "discount_amount": {}},
            "discount_amount is an object, not a number.",
        ),
        ({"amount": 10**10}, "The amount 10000000000 is too large to be one line of a bill."),
        ({"amount": -(10**10)}, "The amount -10000000000 is too large to be one line of a bill."),
        (
            {"original_amount": 10**10},
            "The amount 10000000000 is too large to be one line of a bill.",
        ),
        (
            {"quantity": 10**9, "price": 11},
            "The amount 11000000000 is too large to be one line of a bill.",
        ),
        ({"amount": 10**61}, f"amount is out of range: 1{'0' * 61}."),
        (
            {"original_amount": 1, "quantity": int(NINES + "9")},
            f"quantity is out of range: {NINES}9.",
        ),
        ({"amount": Decimal("1E+99999")}, "amount is out of range: 1E+99999."),
        ({"amount": Decimal("1E-99999")}, "amount is out of range: 1E-99999."),
        ({"amount": "1e99999999999999999999"}, "amount is not a number: '1e99999999999999999999'."),
        ({"original_amount": 1, "price": Decimal("1e-61")}, "price is out of range: 1E-61."),
    ],
)
def test_it_says_why_an_amount_cannot_be_read(fields, reason):
    row = {**DATES, "product": "KAFKA", **fields}
    parsed = read(row)
    assert isinstance(parsed, Unreadable)
    assert parsed.reason == reason
    assert parsed.day == DAY
    assert parsed.is_long is False


@pytest.mark.parametrize(
    ("start", "end", "reason", "day"),
    [
        (None, None, "Its dates cannot be read: None to None.", None),
        ("", "2025-01-16", "Its dates cannot be read: '' to '2025-01-16'.", None),
        ("soon", None, "Its dates cannot be read: 'soon' to None.", None),
        ("2025-02-30", None, "Its dates cannot be read: '2025-02-30' to None.", None),
        (
            "2025-01-15 06:00:00",
            None,
            "Its dates cannot be read: '2025-01-15 06:00:00' to None.",
            None,
        ),
        ("2025-01-15\x00", None, "Its dates cannot be read: '2025-01-15\\x00' to None.", None),
        (20250115, None, "Its dates cannot be read: 20250115 to None.", None),
        (["2025-01-15"], None, "Its dates cannot be read: ['2025-01-15'] to None.", None),
        ({}, None, "Its dates cannot be read: {} to None.", None),
        (True, None, "Its dates cannot be read: True to None.", None),
        ("2025-01-15", "later", "Its dates cannot be read: '2025-01-15' to 'later'.", DAY),
        ("2025-01-15", 7, "Its dates cannot be read: '2025-01-15' to 7.", DAY),
        ("2025-01-15", ["x"], "Its dates cannot be read: '2025-01-15' to ['x'].", DAY),
        (
            "9999-12-31",
            None,
            "Its dates cannot be read: '9999-12-31' to None.",
            date(9999, 12, 31),
        ),
        (
            "2025-01-15",
            "2025-01-15",
            "Its dates are out of order: 2025-01-15 to 2025-01-15.",
            DAY,
        ),
        (
            "2025-01-15",
            "2025-01-14",
            "Its dates are out of order: 2025-01-15 to 2025-01-14.",
            DAY,
        ),
        (
            "2024-12-31",
            "2025-01-01",
            "2024-12-31 is outside the window asked for, 2025-01-01 to 2025-02-01.",
            date(2024, 12, 31),
        ),
        (
            "2025-02-01",
            "2025-02-02",
            "2025-02-01 is outside the window asked for, 2025-01-01 to 2025-02-01.",
            date(2025, 2, 1),
        ),
    ],
)
def test_it_says_why_a_date_cannot_be_read(start, end, reason, day):
    parsed = read({"start_date": start, "end_date": end, "amount": Decimal("1.50")})
    assert isinstance(parsed, Unreadable)
    assert parsed.reason == reason
    assert parsed.day == day
    assert parsed.amount_text == "1.50"
    assert parsed.is_long is False


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (
            "2025-01-15",
            "2025-01-17",
            "The row spans 2 days, 2025-01-15 to 2025-01-17; only single days can be kept.",
        ),
        (
            "2025-01-01 00:00:00",
            "2025-02-01 00:00:00",
            "The row spans 31 days, 2025-01-01 to 2025-02-01; only single days can be kept.",
        ),
    ],
)
def test_it_marks_a_row_of_several_days(start, end, reason):
    parsed = read({"start_date": start, "end_date": end, "amount": Decimal("310.00")})
    assert isinstance(parsed, Unreadable)
    assert parsed.is_long is True
    assert parsed.reason == reason
    assert parsed.day == date.fromisoformat(start[:10])
    assert parsed.amount_text == "310.00"


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (None, "null"),
        (True, "true or false"),
        (5, "a number"),
        (10**30, "a number"),
        (Decimal("1.50"), "a number"),
        ("text", "a text"),
        ([], "a list"),
        ([{"amount": 1}], "a list"),
    ],
)
def test_it_keeps_a_row_that_is_no_object(row, kind):
    parsed = read(row)
    assert isinstance(parsed, Unreadable)
    assert parsed.reason == f"The row is {kind}, not an object."
    assert DECODER.decode(parsed.raw) == row
    assert (parsed.day, parsed.amount_text, parsed.is_long) == (None, "", False)


@pytest.mark.parametrize(
    ("text", "amount_text"),
    [
        ('{"amount":"free"}', "free"),
        ('{"start_date":"2025-01-15","original_amount":1.50,"price":"x"}', ""),
        ('{"start_date":"2025-01-15","amount":10000000000}', "10000000000"),
        (
            '{"amount":123456789012345678901234567890.1234567890}',
            "123456789012345678901234567890.1234567890",
        ),
        ('{"amount":{"value":1.10}}', '{"value":1.10}'),
        ('{"amount":[1,null,true]}', "[1,null,true]"),
        ('{"amount":null,"resource":{"id":"lkc-1","environment":{"id":"env-1"}}}', ""),
        ('{"amount":false,"unknown":[{"deep":[{}]}],"text":"ä \\"quoted\\" \\\\u0000"}', "false"),
        ('{"start_date":"2025-01-15","amount":1E+400}', "1E+400"),
        ("{}", ""),
    ],
)
def test_it_keeps_an_unreadable_row_as_it_came(text, amount_text):
    parsed = read(DECODER.decode(text))
    assert isinstance(parsed, Unreadable)
    assert parsed.raw == text
    assert parsed.amount_text == amount_text


def test_it_marks_nul_characters_of_an_unreadable_row():
    parsed = read({"amount": "1\x00", "a\x00": "\x00"})
    assert isinstance(parsed, Unreadable)
    assert parsed.amount_text == "1\ufffd"
    assert json.loads(parsed.raw) == {"amount": "1\ufffd", "a\ufffd": "\ufffd"}
    assert "\x00" not in parsed.raw + parsed.reason


def test_it_goes_on_after_a_row_that_cannot_be_read():
    rows = [{**DATES, "amount": 1}, None, {**DATES, "amount": "free"}, {**DATES, "amount": 2}]
    parsed = list(parse_rows(rows, START, END))
    assert [type(each) for each in parsed] == [BillLine, Unreadable, Unreadable, BillLine]
    assert [each.amount for each in parsed if isinstance(each, BillLine)] == [1, 2]
