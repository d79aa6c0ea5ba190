from decimal import Decimal

import pytest

from costs.money import dollars, in_cents


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("0.005", "0.00"), ("0.015", "0.02"), ("-0.005", "0.00"), ("2.675", "2.68"), ("1", "1.00")],
)
def test_it_rounds_half_even_to_cents(amount, cents):
    assert in_cents(Decimal(amount)) == Decimal(cents)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234567.891", "$1,234,567.89"),
        ("0", "$0.00"),
        ("-0.7", "−$0.70"),  # noqa: RUF001 (the minus sign is meant)
        ("-0.001", "$0.00"),
    ],
)
def test_it_writes_dollars_as_people_read_them(amount, text):
    assert dollars(Decimal(amount)) == text
