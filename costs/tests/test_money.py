from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.money import dollars, in_cents, in_cents_together


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


def test_parts_are_rounded_so_that_they_add_up():
    parts = [Decimal("58743.8149"), Decimal("-287.8251")]

    assert in_cents_together(*parts) == [Decimal("58743.82"), Decimal("-287.83")]


@given(parts=st.lists(st.decimals(-(10**6), 10**6, places=10), min_size=1, max_size=9))
def test_any_parts_add_up_and_none_is_a_cent_off(parts):
    cents = in_cents_together(*parts)

    assert sum(cents) == in_cents(sum(parts))
    assert all(abs(cent - part) < Decimal("0.01") for cent, part in zip(cents, parts, strict=True))
