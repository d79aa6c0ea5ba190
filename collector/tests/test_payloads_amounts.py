import json
from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_UP, Context, Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.payloads import BillLine, parse_rows, rounded

START, END = date(2025, 1, 1), date(2025, 2, 1)
EXACT = Context(prec=300)

prices = st.decimals(-10_000, 10_000, allow_nan=False, places=12)
# Numbers as JSON has them: integers, decimals of any scale, and the text of either.
numbers = st.one_of(
    st.none(),
    st.integers(-10_000, 10_000),
    prices,
    prices.map(str),
    st.floats(-1000, 1000)
    .filter(lambda number: number == 0 or abs(number) > 1e-59)
    .map(lambda number: Decimal(repr(number))),
    st.decimals("-1e-5", "1e-5", allow_nan=False, places=20),
)


def line_of(**numbers):
    [line] = parse_rows([{"start_date": "2025-01-15", **numbers}], START, END)
    assert isinstance(line, BillLine), line
    return line


@pytest.mark.parametrize(
    ("fields", "amount", "source"),
    [
        (
            {"amount": 5, "original_amount": 9, "discount_amount": 1, "quantity": 2, "price": 3},
            5,
            "billed",
        ),
        ({"amount": 0, "original_amount": 9}, 0, "billed"),
        ({"original_amount": 9, "discount_amount": 1}, 8, "original_less_discount"),
        (
            {"amount": None, "original_amount": 9, "discount_amount": None},
            9,
            "original_less_discount",
        ),
        ({"original_amount": 9, "quantity": 2, "price": 3}, 9, "original_less_discount"),
        ({"original_amount": 0, "quantity": 2, "price": 3}, 0, "original_less_discount"),
        ({"original_amount": -9, "discount_amount": -1}, -8, "original_less_discount"),
        ({"quantity": 2, "price": 3}, 6, "quantity_times_price"),
        ({"quantity": 2, "price": 3, "discount_amount": 1}, 6, "quantity_times_price"),
        ({"quantity": 0, "price": 3}, 0, "quantity_times_price"),
    ],
)
def test_it_takes_the_amount_from_the_best_there_is(fields, amount, source):
    line = line_of(**fields)
    assert (line.amount, line.amount_received, line.amount_source) == (amount, amount, source)


@pytest.mark.parametrize(
    ("fields", "list_amount"),
    [
        ({"amount": 5, "original_amount": 9, "quantity": 2, "price": 3}, 9),
        ({"amount": 5, "quantity": 2, "price": 3}, 6),
        ({"amount": 5, "quantity": 2}, 5),
        ({"amount": 5}, 5),
        ({"amount": 5, "original_amount": 0}, 0),
        ({"quantity": Decimal("2.6e-05"), "price": Decimal("0.1")}, Decimal("0.0000026")),
    ],
)
def test_it_knows_the_amount_before_discounts(fields, list_amount):
    assert line_of(**fields).list_amount == list_amount


@pytest.mark.parametrize(
    ("received", "amount"),
    [
        ("1.00000000005", "1.0000000000"),
        ("1.00000000015", "1.0000000002"),
        ("1.000000000050000000000000000000000001", "1.0000000001"),
        ("1.000000000149999999999999999999999999", "1.0000000001"),
        ("1.00000000025", "1.0000000002"),
        ("1.00000000035", "1.0000000004"),
        ("-1.00000000005", "-1.0000000000"),
        ("-1.00000000015", "-1.0000000002"),
        ("-1.00000000025000000001", "-1.0000000003"),
        ("0.00000000005", "0.0000000000"),
        ("5.1e-11", "0.0000000001"),
        ("2.6151538e-05", "0.0000261515"),
        ("1e-50", "0.0000000000"),
        ("0.1", "0.1000000000"),
        ("1.5E+3", "1500.0000000000"),
        ("9999999999.9999999998", "9999999999.9999999998"),
        ("9999999999.99999999985", "9999999999.9999999998"),
        ("-9999999999.9999999998", "-9999999999.9999999998"),
    ],
)
def test_it_rounds_half_to_even_at_the_tenth_place(received, amount):
    line = line_of(amount=Decimal(received))
    assert f"{line.amount:f}" == amount
    assert f"{line.list_amount:f}" == amount
    # The digits as they came stay beside it.
    assert str(line.amount_received) == str(Decimal(received))


def test_it_keeps_the_received_digits_of_every_number():
    line = line_of(
        amount=Decimal("1.10"),
        price=Decimal("0.100"),
        quantity=Decimal("11.000000000000000000000000000000001"),
        original_amount=Decimal("1.2000"),
        discount_amount=Decimal("0.10000"),
    )
    assert str(line.amount_received) == "1.10"
    assert str(line.price) == "0.100"
    assert str(line.quantity) == "11.000000000000000000000000000000001"
    assert str(line.original_amount) == "1.2000"
    assert str(line.discount_amount) == "0.10000"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.50", "1.5000000000"),
        (" 1.50 ", "1.5000000000"),
        ("-3", "-3.0000000000"),
        ("2.6e-05", "0.0000260000"),
        ("1E3", "1000.0000000000"),
    ],
)
def test_it_reads_numbers_that_come_as_texts(text, amount):
    line = line_of(amount=text, price=text, quantity=text)
    assert str(line.amount) == amount
    assert line.price == line.quantity == Decimal(text.strip())


def test_it_multiplies_and_subtracts_without_losing_a_digit():
    line = line_of(
        quantity=Decimal("3.000000000000000000000000000001"),
        price=Decimal("2.000000000000000000000000000001"),
    )
    assert str(line.amount_received) == (
        "6.000000000000000000000000000005000000000000000000000000000001"
    )
    assert str(line.amount) == "6.0000000000"
    line = line_of(
        original_amount=Decimal("1000000000.0000000001"), discount_amount=Decimal("1e-40")
    )
    assert str(line.amount_received) == "1000000000.0000000000999999999999999999999999999999"
    assert str(line.amount) == "1000000000.0000000001"


def test_it_does_not_depend_on_the_arithmetic_of_its_caller():
    with localcontext(Context(prec=3, rounding=ROUND_UP)):
        assert str(rounded(Decimal("1234.56789012345"))) == "1234.5678901234"
        line = line_of(original_amount=Decimal("1234.5678"), discount_amount=Decimal("0.0001"))
    assert str(line.amount) == "1234.5677000000"


def decimal(number):
    return None if number is None else Decimal(number)


def expected_amount(amount, original, discount, quantity, price):
    if amount is not None:
        return amount
    if original is not None:
        return EXACT.subtract(original, discount or Decimal(0))
    return EXACT.multiply(quantity, price)


@given(numbers, numbers, numbers, numbers, numbers)
@settings(max_examples=500)
def test_its_amounts_are_exact_arithmetic(amount, original, discount, quantity, price):
    row = {
        "start_date": "2025-01-15",
        "amount": amount,
        "original_amount": original,
        "discount_amount": discount,
        "quantity": quantity,
        "price": price,
    }
    [line] = parse_rows([row], START, END)
    if amount is None and original is None and (quantity is None or price is None):
        assert not isinstance(line, BillLine)
        return
    assert isinstance(line, BillLine)
    exact = expected_amount(*map(decimal, (amount, original, discount, quantity, price)))
    assert line.amount_received == exact
    assert line.amount == exact.quantize(Decimal("1e-10"), ROUND_HALF_EVEN, EXACT)
    assert line.amount.as_tuple().exponent == -10
    assert abs(EXACT.subtract(line.amount, exact)) <= Decimal("0.5e-10")


@pytest.mark.parametrize(
    ("name", "odd"),
    [("price", "N/A"), ("quantity", False), ("original_amount", [1]), ("discount_amount", {})],
)
def test_an_odd_detail_takes_no_readable_amount_away(name, odd):
    line = line_of(amount=Decimal("1000"), **{name: odd})
    assert (line.amount, line.amount_source) == (Decimal(1000), "billed")
    assert getattr(line, name) is None
    assert json.loads(line.other_fields) == {name: odd}


def test_a_list_amount_beyond_all_measure_gives_way_to_the_amount():
    line = line_of(amount=Decimal(1), original_amount=Decimal(10**10))
    assert (line.amount, line.list_amount) == (1, 1)
